// Which rows of a long list can be seen, and which pages of it have to be there for that.

export interface Span {
  /** The first row. */
  from: number;
  /** Behind the last one. */
  to: number;
}

/** The rows in sight, and some more on both sides so that scrolling does not show holes. */
export function inSight(top: number, height: number, rowHeight: number, total: number, more = 12): Span {
  if (rowHeight <= 0) return { from: 0, to: Math.min(total, more) };
  const from = Math.max(0, Math.floor(top / rowHeight) - more);
  const to = Math.min(total, Math.ceil((top + height) / rowHeight) + more);
  return { from: Math.min(from, to), to };
}

/** The pages, from 1, that hold these rows. */
export function pagesOf({ from, to }: Span, size: number): number[] {
  if (to <= from) return [];
  const first = Math.floor(from / size) + 1;
  const last = Math.floor((to - 1) / size) + 1;
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
