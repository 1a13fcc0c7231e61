import { describe, expect, test } from 'vitest';
import { at, candidates, sorted } from './setup';

describe('setting up a phone', () => {
  test('goes on when a step is done, and back when the phone goes away', () => {
    expect(at(undefined, undefined, false)).toBe('plug');
    expect(at({ state: 'unauthorized' }, undefined, false)).toBe('allow');
    expect(at({ state: 'online' }, undefined, false)).toBe('prepare');
    expect(at({ state: 'online' }, { ready: false }, false)).toBe('prepare');
    expect(at({ state: 'online' }, { ready: true }, false)).toBe('name');
    expect(at({ state: 'online' }, { ready: true }, true)).toBe('done');
    expect(at({ state: 'offline' }, { ready: true }, true)).toBe('allow');
  });

  test('offers the newest first, and nothing that is not plugged in', () => {
    const phone = (serial: string, first_seen: string | null, accounts = 0, state = 'online') => ({ serial, first_seen, accounts, state, replaced_by: null });
    const all = [phone('OLD', '2026-01-01T00:00:00Z'), phone('BUSY', '2026-03-01T00:00:00Z', 2), phone('GONE', '2026-03-02T00:00:00Z', 0, 'unplugged'), phone('NEW', '2026-02-01T00:00:00Z'), phone('UNKNOWN', null, 0, 'unauthorized')];
    expect(candidates(all).map((one) => one.serial)).toEqual(['UNKNOWN', 'NEW', 'OLD', 'BUSY']);
  });

  test('what a person has to do stands above what is well', () => {
    expect(sorted([{ state: 'ok' }, { state: 'needs_person' }, { state: 'fixed' }, { state: 'failed' }]).map((one) => one.state)).toEqual(['failed', 'needs_person', 'fixed', 'ok']);
  });
});
