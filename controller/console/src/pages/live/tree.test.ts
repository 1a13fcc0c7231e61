import { expect, test } from 'vitest';
import { above, rows, under } from './tree';

const nodes = [
  { parent: null, bounds: [0, 0, 100, 200] },
  { parent: 0, bounds: [0, 0, 100, 50] },
  { parent: 1, bounds: [10, 10, 20, 20] },
  { parent: 0, bounds: [0, 50, 100, 100] },
  { parent: 3, bounds: [0, 50, 100, 100] },
];

test('a tree is shown in order, without what is folded', () => {
  expect(rows(nodes, new Set()).map((row) => [row.index, row.level, row.hasChildren])).toEqual([
    [0, 1, true],
    [1, 2, true],
    [2, 3, false],
    [3, 2, true],
    [4, 3, false],
  ]);
  expect(rows(nodes, new Set([1])).map((row) => row.index)).toEqual([0, 1, 3, 4]);
  expect(rows(nodes, new Set([0, 1])).map((row) => row.index)).toEqual([0]);
});

test('the smallest node under a point is meant, and of two alike the upper one', () => {
  expect(under(nodes, 15, 15)).toBe(2);
  expect(under(nodes, 20, 15), 'the edge lies outside').toBe(1);
  expect(under(nodes, 5, 70)).toBe(4);
  expect(under(nodes, 5, 150)).toBe(0);
  expect(under(nodes, 500, 5)).toBeUndefined();
});

test('what lies above a node is known', () => {
  expect(above(nodes, 2)).toEqual([1, 0]);
  expect(above(nodes, 0)).toEqual([]);
});
