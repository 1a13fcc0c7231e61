// A line over time, small enough to stand beside a number: where its points lie, and what it says in words.

export interface Point {
  at: number;
  value: number;
}

export interface Drawn {
  /** For the `d` of an SVG path. */
  line: string;
  area: string;
  dots: { x: number; y: number; point: Point }[];
}

/** Points by time in a box, the highest at its top; one point alone lies in the middle. */
export function drawn(points: Point[], width: number, height: number, pad = 3): Drawn {
  const times = points.map((point) => point.at);
  const values = points.map((point) => point.value);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const across = (at: number) => (last === first ? width / 2 : pad + ((at - first) / (last - first)) * (width - 2 * pad));
  const up = (value: number) => (high === low ? height / 2 : height - pad - ((value - low) / (high - low)) * (height - 2 * pad));
  const dots = points.map((point) => ({ x: round(across(point.at)), y: round(up(point.value)), point }));
  const line = dots.map(({ x, y }, index) => `${index ? 'L' : 'M'}${x} ${y}`).join('');
  const [begin, end] = [dots[0], dots.at(-1)];
  const area = begin && end && dots.length > 1 ? `${line}L${end.x} ${height}L${begin.x} ${height}Z` : '';
  return { line, area, dots };
}

const round = (value: number) => Math.round(value * 10) / 10;

/** The point nearest to a place in the box. */
export function nearest(dots: Drawn['dots'], x: number): Drawn['dots'][number] | undefined {
  return dots.reduce<Drawn['dots'][number] | undefined>((best, dot) => (!best || Math.abs(dot.x - x) < Math.abs(best.x - x) ? dot : best), undefined);
}
