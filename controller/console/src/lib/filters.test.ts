import { describe, expect, it } from 'vitest';
import { asked, changed, readFilters, sortedBy, writeFilters } from './filters';

const USUAL = { status: '', q: '', sort: '', page: 1 };

describe('filters', () => {
  it('are the same after a way through the address', () => {
    const filters = { status: '3', q: 'a & b/ü', sort: '-id', page: 4 };
    expect(readFilters(USUAL, new URLSearchParams(writeFilters(USUAL, filters)))).toEqual(filters);
  });

  it('leave out what is usual, and forget what makes no sense', () => {
    expect(writeFilters(USUAL, USUAL)).toBe('');
    for (const page of ['0', '-2', 'x', '1.5', '']) {
      expect(readFilters(USUAL, new URLSearchParams({ page, colour: 'red' }))).toEqual(USUAL);
    }
  });

  it('begin at the first page when another is set, but not when the page is', () => {
    const filters = { ...USUAL, page: 7 };
    expect(changed(filters, { q: 'x' }).page).toBe(1);
    expect(changed(filters, { page: 8 })).toEqual({ ...USUAL, page: 8 });
  });

  it('ask only for what is set', () => {
    expect(asked({ ...USUAL, q: 'x' })).toEqual({ q: 'x', page: 1 });
  });
});

describe('the order of a column', () => {
  it('begins as it is most useful and turns with each click', () => {
    expect(sortedBy('', 'id', 'down')).toBe('-id');
    expect(sortedBy('-id', 'id', 'down')).toBe('id');
    expect(sortedBy('id', 'id')).toBe('-id');
    expect(sortedBy('id', 'name')).toBe('name');
  });
});
