import { describe, expect, test } from 'vitest';
import { drawn, nearest } from './chart';

describe('a small chart', () => {
  test('lies between its edges, the highest at the top', () => {
    const { line, area, dots } = drawn([{ at: 0, value: 10 }, { at: 50, value: 30 }, { at: 100, value: 20 }], 106, 26);
    expect(line).toBe('M3 23L53 3L103 13');
    expect(area).toBe('M3 23L53 3L103 13L103 26L3 26Z');
    expect(nearest(dots, 60)?.point.value).toBe(30);
    expect(nearest(dots, 1000)?.point.value).toBe(20);
  });

  test('of one point, of equal values and of none does not divide by nothing', () => {
    expect(drawn([{ at: 5, value: 7 }], 100, 20)).toMatchObject({ line: 'M50 10', area: '' });
    expect(drawn([{ at: 0, value: 7 }, { at: 1, value: 7 }], 100, 20).line).toBe('M3 10L97 10');
    expect(drawn([], 100, 20)).toEqual({ line: '', area: '', dots: [] });
    expect(nearest([], 3)).toBeUndefined();
  });
});
