// This second, for whatever tells how long ago something was. One timer for the whole page, which rests in a hidden tab.

class Now {
  at = $state(Date.now());

  constructor() {
    setInterval(() => {
      if (!document.hidden) this.at = Date.now();
    }, 1000);
    document.addEventListener('visibilitychange', () => (this.at = Date.now()));
  }
}

export const now = new Now();
