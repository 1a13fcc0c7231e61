// Which phones of the farm are shown.
import type { Schema } from '../../api/client';

export const USUAL = { q: '', state: '', host: '', group: '', by: 'host' };
export const STATES = ['online', 'offline', 'unauthorized', 'no_permissions', 'unplugged'];
export type Filters = typeof USUAL;
type Phone = Pick<Schema['DeviceItem'], 'serial' | 'name' | 'state' | 'groups' | 'host_name' | 'device_index' | 'model' | 'aliases'>;

/** `busy` and `idle` are states of their own: with a task, and online without one. */
export function isShown(phone: Phone, filters: Filters, task: { username?: string | null } | undefined): boolean {
  if (filters.state === 'busy' && !task) return false;
  if (filters.state === 'idle' && (task || phone.state !== 'online')) return false;
  if (STATES.includes(filters.state) && phone.state !== filters.state) return false;
  if (filters.host && phone.host_name !== filters.host) return false;
  if (filters.group && !phone.groups.includes(filters.group)) return false;
  const text = [phone.device_index ?? '', phone.serial, phone.name, phone.model ?? '', ...phone.aliases, task?.username ?? ''].join(' ');
  return text.toLowerCase().includes(filters.q.trim().toLowerCase());
}
