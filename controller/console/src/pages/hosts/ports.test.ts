import { describe, expect, test } from 'vitest';
import { hubs } from './ports';

const phone = (serial: string, usb_path: string | null, state = 'online', faults_last_hour = 0) => ({ serial, usb_path, state, faults_last_hour });

describe('ports', () => {
  test('phones stand at the port of their hub, with the free ports before them', () => {
    const { hubs: found, elsewhere } = hubs([phone('B', '1-1.4'), phone('A', '1-1.2'), phone('C', '2-3'), phone('D', '1-10.1.2'), phone('N', null), phone('O', 'usb:7')]);
    expect(found.map((hub) => hub.path)).toEqual(['1-1', '1-10.1', '2']);
    expect(found[0]?.ports.map(({ port, phone }) => [port, phone?.serial])).toEqual([[1, undefined], [2, 'A'], [3, undefined], [4, 'B']]);
    expect(found[2]?.ports.map(({ phone }) => phone?.serial)).toEqual([undefined, undefined, 'C']);
    expect(elsewhere.map((one) => one.serial)).toEqual(['N', 'O']);
  });

  test('of two phones at one port the one that is plugged in is shown', () => {
    const { hubs: found } = hubs([phone('OLD', '1-1.1', 'unplugged'), phone('NEW', '1-1.1')]);
    expect(found[0]?.ports[0]?.phone?.serial).toBe('NEW');
    expect(found[0]?.phones.length).toBe(2);
  });

  test('a hub is suspected when half of its phones have trouble, a phone alone is not its hub', () => {
    const suspect = (...phones: ReturnType<typeof phone>[]) => hubs(phones).hubs[0]?.suspect;
    expect(suspect(phone('A', '1-1.1', 'offline'), phone('B', '1-1.2', 'online', 5), phone('C', '1-1.3'), phone('D', '1-1.4'))).toBe(true);
    expect(suspect(phone('A', '1-1.1', 'offline'), phone('B', '1-1.2'))).toBe(false);
    expect(suspect(phone('A', '1-1.1', 'offline'))).toBe(false);
    expect(suspect(phone('A', '1-1.1', 'unauthorized'), phone('B', '1-1.2', 'unauthorized'))).toBe(false);
  });
});
