// Phones by their host or their group; one of several groups stands in each.
import type { Schema } from '../../api/client';

export type By = 'host' | 'group' | 'none';
type Phone = Pick<Schema['DeviceItem'], 'host_name' | 'groups'>;

export function grouped<T extends Phone>(phones: T[], by: By): { name: string; phones: T[] }[] {
  const all = new Map<string, T[]>();
  for (const phone of phones) {
    const names = by === 'none' ? [''] : by === 'host' ? [phone.host_name ?? ''] : phone.groups.length ? phone.groups : [''];
    for (const name of names) all.set(name, [...(all.get(name) ?? []), phone]);
  }
  // Those without a name come last.
  return [...all].map(([name, phones]) => ({ name, phones })).sort((a, b) => Number(a.name === '') - Number(b.name === '') || a.name.localeCompare(b.name));
}
