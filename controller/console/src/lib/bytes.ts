// Sizes of files, as people say them.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function bytes(count: number, language: string): string {
  let [size, unit] = [count, 0];
  while (size >= 1000 && unit < UNITS.length - 1) [size, unit] = [size / 1000, unit + 1];
  const digits = unit > 0 && size < 100 ? 1 : 0;
  return `${size.toLocaleString(language, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}
