// Runes everywhere; styles go into files, never into script.
export default {
  compilerOptions: { runes: true, css: 'external' },
};
