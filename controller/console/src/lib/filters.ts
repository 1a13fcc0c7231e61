// Filters of a list as its address says them: what is usual is left out, what makes no sense is forgotten.

export type Filters = Record<string, string | number>;

/** The filters that an address names, over the usual ones. */
export function readFilters<T extends Filters>(usual: T, query: URLSearchParams): T {
  const filters = { ...usual };
  for (const name of Object.keys(usual) as (keyof T & string)[]) {
    const text = query.get(name);
    if (text === null) continue;
    if (typeof usual[name] === 'number') {
      const number = Number(text);
      if (Number.isSafeInteger(number) && number > 0) filters[name] = number as T[typeof name];
    } else {
      filters[name] = text as T[typeof name];
    }
  }
  return filters;
}

/** The query of an address, without what is usual. */
export function writeFilters<T extends Filters>(usual: T, filters: T): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filters)) {
    if (value !== usual[name] && value !== '') query.set(name, String(value));
  }
  return query.toString();
}

/** The filters after a change: another filter begins at the first page. */
export function changed<T extends Filters>(filters: T, change: Partial<T>): T {
  const next = { ...filters, ...change };
  if ('page' in filters && !('page' in change)) (next as Filters)['page'] = 1;
  return next;
}

/** What the API takes: without what is empty. */
export function asked<T extends Filters>(filters: T): { [K in keyof T]?: T[K] } {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== '')) as { [K in keyof T]?: T[K] };
}

/** The other way round where it is sorted by this already; else by this, ascending or as `first` says. */
export function sortedBy(sort: string, key: string, first: 'up' | 'down' = 'up'): string {
  if (sort === key) return `-${key}`;
  if (sort === `-${key}`) return key;
  return first === 'up' ? key : `-${key}`;
}
