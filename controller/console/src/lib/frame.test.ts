import { expect, test } from 'vitest';
import { frameOf } from './frame';

function bytes(change: Record<number, number> = {}): ArrayBuffer {
  const all = new Uint8Array(26);
  all.set([1, 1, 1, 24, 0, 0, 1, 4, 0, 0, 0, 7, 0, 216, 1, 224]);
  new DataView(all.buffer).setBigUint64(16, 1_800_000_000_000_500n);
  all.set([0xff, 0xd8], 24);
  for (const [at, value] of Object.entries(change)) all[Number(at)] = value;
  return all.buffer;
}

test('a frame is read as the controller lays it out', () => {
  const frame = frameOf(bytes());
  expect(frame).toMatchObject({ stream: 260, number: 7, width: 216, height: 480, at: 1_800_000_000_000.5, type: 'image/jpeg' });
  expect([...(frame?.picture ?? [])]).toEqual([0xff, 0xd8]);
});

test('what is not known is passed over', () => {
  expect(frameOf(bytes({ 0: 2 })), 'a later version').toBeUndefined();
  expect(frameOf(bytes({ 1: 3 })), 'a video').toBeUndefined();
  expect(frameOf(bytes({ 3: 27 })), 'a head beyond the end').toBeUndefined();
  expect(frameOf(bytes({ 3: 25 }))?.picture.length, 'a longer head').toBe(1);
  expect(frameOf(new ArrayBuffer(5))).toBeUndefined();
});
