// The chosen theme, before anything is drawn: a page that turns dark a moment later hurts the eyes.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('drover.theme');
  } catch {
    // Storage may be forbidden: then the system's own theme is used.
  }
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
