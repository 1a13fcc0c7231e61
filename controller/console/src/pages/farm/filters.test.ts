import { expect, test } from 'vitest';
import { isShown, USUAL } from './filters';

const phone = { serial: 'R58M1', name: 'Kitchen', state: 'online', groups: ['north'], host_name: 'hub1', device_index: 12, model: 'Pixel 7', aliases: ['10.0.0.7:5555'] };
const shows = (change: Partial<typeof USUAL>, task?: { username?: string }) => isShown(phone, { ...USUAL, ...change }, task);

test('a phone is found by what is known of it and by the account that works on it', () => {
  for (const q of ['', 'r58m', ' kitchen ', '12', 'pixel', '10.0.0.7']) expect(shows({ q }), q).toBe(true);
  expect(shows({ q: 'anna' })).toBe(false);
  expect(shows({ q: 'anna' }, { username: 'demo.anna' })).toBe(true);
});

test('state, host and group narrow it down', () => {
  expect(shows({ state: 'offline' })).toBe(false);
  expect(shows({ state: 'online', host: 'hub1', group: 'north' })).toBe(true);
  expect(shows({ host: 'hub2' })).toBe(false);
  expect(shows({ group: 'south' })).toBe(false);
  expect(shows({ state: 'busy' })).toBe(false);
  expect(shows({ state: 'busy' }, {})).toBe(true);
  expect(shows({ state: 'idle' })).toBe(true);
  expect(shows({ state: 'idle' }, {})).toBe(false);
});
