// Phones by the hub and the port that they are plugged into: `1-1.4` is bus 1, the hub at 1, its port 4.
import type { Schema } from '../../api/client';

type Phone = Pick<Schema['DeviceItem'], 'serial' | 'usb_path' | 'state' | 'faults_last_hour'>;

export interface Hub<T> {
  /** As in a phone's path, without its port: `1-1`, or `1` for a machine's own ports. */
  path: string;
  /** From 1 to the highest that was seen; nothing where no phone is known. */
  ports: { port: number; phone: T | undefined }[];
  phones: T[];
  /** So many of its phones are away or came and went that it is rather the hub, its cable or its power. */
  suspect: boolean;
}

/** How often a phone went away within an hour until its port is looked at. */
export const MANY_FAULTS = 3;

export function hubs<T extends Phone>(phones: T[]): { hubs: Hub<T>[]; elsewhere: T[] } {
  const all = new Map<string, { port: number; phone: T }[]>();
  const elsewhere: T[] = [];
  for (const phone of phones) {
    const parts = /^(\d+)-([\d.]+)$/.exec(phone.usb_path ?? '');
    if (!parts?.[1] || !parts[2]) {
      elsewhere.push(phone);
      continue;
    }
    const chain = parts[2].split('.');
    const port = Number(chain.pop());
    const path = chain.length ? `${parts[1]}-${chain.join('.')}` : parts[1];
    all.set(path, [...(all.get(path) ?? []), { port, phone }]);
  }
  const found = [...all].map(([path, plugged]) => {
    const last = Math.max(...plugged.map((one) => one.port));
    // Two phones of which one was unplugged may have had the same port: the one that is there stands in it.
    const at = (port: number) => {
      const here = plugged.filter((one) => one.port === port).map((one) => one.phone);
      return here.find((phone) => phone.state !== 'unplugged') ?? here[0];
    };
    const troubled = plugged.filter(({ phone }) => phone.state === 'offline' || phone.faults_last_hour >= MANY_FAULTS).length;
    return {
      path,
      ports: Array.from({ length: last }, (_, index) => ({ port: index + 1, phone: at(index + 1) })),
      phones: plugged.map((one) => one.phone),
      suspect: troubled >= 2 && troubled * 2 >= plugged.length,
    };
  });
  return { hubs: found.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true })), elsewhere };
}
