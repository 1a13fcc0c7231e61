// How far the setting up of a phone is, out of what is known of it.
import type { Schema } from '../../api/client';

type Phone = Pick<Schema['DeviceItem'], 'serial' | 'state' | 'first_seen' | 'replaced_by' | 'accounts'>;
export type Step = 'plug' | 'allow' | 'prepare' | 'name' | 'done';

export function at(phone: Pick<Phone, 'state'> | undefined, looked: { ready: boolean } | undefined, isNamed: boolean): Step {
  if (!phone) return 'plug';
  if (phone.state !== 'online') return 'allow';
  if (!looked?.ready) return 'prepare';
  return isNamed ? 'done' : 'name';
}

/** Those that may be new: plugged in, the latest first, those without accounts before the others. */
export function candidates<T extends Phone>(phones: T[]): T[] {
  return phones
    .filter((phone) => phone.state !== 'unplugged' && !phone.replaced_by)
    .sort((a, b) => Number(a.accounts > 0) - Number(b.accounts > 0) || (b.first_seen ?? '9').localeCompare(a.first_seen ?? '9'));
}

export const TONES: Record<string, 'good' | 'warn' | 'bad' | 'busy'> = { ok: 'good', fixed: 'good', would_fix: 'busy', needs_person: 'warn', failed: 'bad' };
const ORDER = ['failed', 'needs_person', 'would_fix', 'unseen', 'fixed', 'ok'];

/** The worst first, otherwise as they came. */
export function sorted<T extends { state: string }>(steps: T[]): T[] {
  return [...steps].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
}
