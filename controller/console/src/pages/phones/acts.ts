// What an operator does with one phone from whichever page: finding it, and what is noted of it.
import { api, call, faultOf, type Schema } from '../../api/client';
import { t } from '../../i18n/i18n.svelte';
import { say } from '../../ui/asking.svelte';

/** What a person types of a phone. */
export interface Noted {
  index: string;
  name: string;
  groups: string[];
}

export function noted(phone: Schema['DeviceItem']): Noted {
  return { index: phone.device_index ? String(phone.device_index) : '', name: phone.name, groups: phone.groups };
}

/** Keeps it; an empty index leaves the one that it has. */
export function note(serial: string, { index, name, groups }: Noted) {
  const number = index.trim();
  return call(api.PATCH('/api/v1/devices/{serial}', { params: { path: { serial } }, body: { name, groups, ...(number ? { device_index: number as never } : {}) } }));
}

/** Its index stands large on its screen. */
export async function identify(phone: Schema['DeviceItem']) {
  try {
    await call(api.POST('/api/v1/devices/{serial}/identify', { params: { path: { serial: phone.serial } } }));
    say(t('phone.identified', { n: String(phone.device_index ?? '') }));
  } catch (error) {
    say(faultOf(error).message, 'bad');
  }
}
