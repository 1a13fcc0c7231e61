import { describe, expect, it } from 'vitest';
import { changes, short } from './changes';

describe('the record', () => {
  it('tells the values that differ', () => {
    expect(changes({ a: 1, b: [2], d: 4 }, { a: 1, b: [3], c: 'x' })).toEqual([
      { name: 'b', before: '[2]', after: '[3]' },
      { name: 'd', before: '4', after: '' },
      { name: 'c', before: '', after: 'x' },
    ]);
    expect(changes(null, 'made')).toEqual([{ name: '', before: '', after: 'made' }]);
    expect(changes('same', 'same')).toEqual([]);
    expect(changes({ a: 1, b: [1], c: 2 }, { a: 1, b: [2], d: 'x' })).toEqual([
      { name: 'b', before: '[1]', after: '[2]' },
      { name: 'c', before: '2', after: '' },
      { name: 'd', before: '', after: 'x' },
    ]);
    expect(changes(1, 2)).toEqual([{ name: '', before: '1', after: '2' }]);
    expect(changes(null, null)).toEqual([]);
  });

  it('shows of a long value, a hash and a moment what a look needs', () => {
    expect(short('e43d550e1e8c0605da63cb91d1d54ed1a78cde50d079cb79b1d8925bfe0a1b2c', 'en')).toBe('e43d550e1e8c…');
    expect(short('x'.repeat(99), 'en')).toHaveLength(60);
    expect(short('x'.repeat(80), 'en')).toBe(`${'x'.repeat(59)}…`);
    const moment = short('2026-03-02T07:00:00.607038896Z', 'en');
    expect(moment).toContain('2026');
    expect(moment).not.toContain('607038896');
    expect(short('2026-03-02 is a day', 'en')).toBe('2026-03-02 is a day');
  });
});
