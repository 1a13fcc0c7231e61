// Where the console is: its path and query, kept in step with the address. Links are plain links.

class Place {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  #read() {
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }

  go(url: string, { replace = false } = {}) {
    if (url === location.pathname + location.search) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', url);
    this.#read();
  }

  /** The same page with other filters. */
  search(query: string) {
    this.go(query ? `${location.pathname}?${query}` : location.pathname, { replace: true });
  }

  #follow(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (!isOwn(link.pathname) || (link.hash && link.pathname === location.pathname)) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

/** The first part of the console's own paths; the controller has the same list. */
export const SECTIONS = ['farm', 'accounts', 'tasks', 'attention', 'media', 'schedules', 'groups', 'flows', 'phones', 'hosts', 'settings', 'audit'] as const;

export function isOwn(path: string): boolean {
  const section = path.split('/')[1] ?? '';
  return section === '' || (SECTIONS as readonly string[]).includes(section);
}

export const place = new Place();
