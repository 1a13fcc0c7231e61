// Order numbers after something was moved in a list: as few new ones as may be.

export interface Ordered {
  id: number;
  /** Lower ones come first; nothing comes last. */
  sort?: number | null;
}

const STEP = 10;

/** The list with one of it in another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [one] = next.splice(from, 1);
  if (one !== undefined) next.splice(to, 0, one);
  return next;
}

const isNumber = (sort: number | null | undefined): sort is number => typeof sort === 'number';

/** What the list needs so that it stays in this order, where the one at `at` was just moved there; by id. */
export function numbers(list: readonly Ordered[], at: number): Map<number, number> {
  const one = list[at];
  if (!one) return new Map();
  const before = list[at - 1]?.sort;
  const after = list[at + 1]?.sort;
  const areAscending = list.slice(0, at).every((item, index) => isNumber(item.sort) && (index === 0 || item.sort > (list[index - 1]?.sort ?? 0)));
  if (areAscending && (at === 0 || isNumber(before))) {
    const free = between(at === 0 ? undefined : before, after);
    if (free !== undefined) return free === one.sort ? new Map() : new Map([[one.id, free]]);
  }
  // No room: all get numbers anew, and those that have theirs already are left out.
  const wanted = list.map((item, index) => [item, (index + 1) * STEP] as const);
  return new Map(wanted.filter(([item, sort]) => item.sort !== sort).map(([item, sort]) => [item.id, sort]));
}

/** A whole number between both; what is absent is no bound. */
function between(before: number | null | undefined, after: number | null | undefined): number | undefined {
  if (!isNumber(before)) return isNumber(after) ? after - STEP : STEP;
  if (!isNumber(after)) return before + STEP;
  const middle = Math.floor((before + after) / 2);
  return middle > before && middle < after ? middle : undefined;
}
