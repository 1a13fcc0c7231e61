import { expect, test } from 'vitest';
import { Steady } from './steady';

test('a phone of which nothing is new is the same object', () => {
  const steady = new Steady<{ serial: string; level: number; last_seen: string; battery: { level: number; at: string } }>();
  const phone = (serial: string, level: number, at: string) => ({ serial, level, last_seen: at, battery: { level, at } });
  const [a, b] = steady.of([phone('A', 1, 'now'), phone('B', 1, 'now')]);
  const [again, changed] = steady.of([phone('A', 1, 'later'), phone('B', 2, 'later')]);
  expect(again).toBe(a);
  expect(changed).not.toBe(b);
  expect(changed?.level).toBe(2);
  steady.of([]);
  expect(steady.of([phone('A', 1, 'now')])[0], 'forgotten meanwhile').not.toBe(a);
});
