import { describe, expect, it } from 'vitest';
import { moved, numbers, type Ordered } from './order';

const list = (...sorts: (number | null)[]): Ordered[] => sorts.map((sort, at) => ({ id: at + 1, sort }));

/** The ids in the order that the numbers give. */
function after(items: Ordered[], from: number, to: number): { ids: (number | undefined)[]; order: number[]; changed: number } {
  const next = moved(items, from, to);
  const given = numbers(next, to);
  const sorted = next.map((item, at) => ({ id: item.id, sort: given.get(item.id) ?? item.sort ?? Infinity, at })).sort((a, b) => a.sort - b.sort || a.id - b.id);
  return { ids: next.map((item) => item.id), order: sorted.map((item) => item.id), changed: given.size };
}

describe('the order of a list', () => {
  it('needs one new number where there is room', () => {
    for (const [from, to] of [[0, 2], [3, 0], [1, 3], [2, 1], [0, 3]] as const) {
      const { ids, order, changed } = after(list(10, 20, 30, 40), from, to);
      expect(order, `${from} to ${to}`).toEqual(ids);
      expect(changed).toBe(1);
    }
  });

  it('is numbered anew where there is none, or where some have no number', () => {
    for (const items of [list(1, 2, 3, 4), list(null, null, null, null), list(5, 5, 5, 5), list(1, 2, null, null)]) {
      for (let from = 0; from < 4; from += 1) {
        for (let to = 0; to < 4; to += 1) {
          const { ids, order } = after(items, from, to);
          expect(order, `${JSON.stringify(items)} ${from} to ${to}`).toEqual(ids);
        }
      }
    }
  });

  it('gives the first of those without a number one before all others', () => {
    expect([...numbers(moved(list(null, null), 1, 0), 0)]).toEqual([[2, 10]]);
  });
});
