// What happened to a task, in order: created, tried, allowed, done, ended.
import type { Schema } from '../../api/client';

export type Moment =
  | { at: string; kind: 'created' | 'finished' | 'planned' | 'retry' }
  | { at: string; kind: 'attempt'; attempt: Schema['AttemptItem'] }
  | { at: string; kind: 'attempt_ended'; attempt: Schema['AttemptItem'] }
  | { at: string; kind: 'grant'; grant: Schema['GrantItem'] }
  | { at: string; kind: 'settled'; grant: Schema['GrantItem'] };

export function story(task: Schema['TaskDetails']): Moment[] {
  const moments: Moment[] = [{ at: task.created_at, kind: 'created' }];
  for (const attempt of task.attempt_list) {
    moments.push({ at: attempt.begun_at, kind: 'attempt', attempt });
    if (attempt.ended_at) moments.push({ at: attempt.ended_at, kind: 'attempt_ended', attempt });
  }
  for (const grant of task.grants) {
    moments.push({ at: grant.asked_at, kind: 'grant', grant });
    if (grant.settled_at) moments.push({ at: grant.settled_at, kind: 'settled', grant });
  }
  if (task.finished_at) moments.push({ at: task.finished_at, kind: 'finished' });
  else if (task.retry_at) moments.push({ at: task.retry_at, kind: 'retry' });
  else if (task.status === 0 && task.start_time) moments.push({ at: task.start_time, kind: 'planned' });
  // What happened in the same millisecond stays in the order above.
  return moments.map((moment, place) => ({ moment, place })).sort((a, b) => Date.parse(a.moment.at) - Date.parse(b.moment.at) || a.place - b.place).map(({ moment }) => moment);
}

/** A link in a proof, where there is one. */
export function linkOf(proof: unknown): string | undefined {
  if (typeof proof === 'string') return /^https?:\/\/\S+$/.test(proof) ? proof : undefined;
  if (proof === null || typeof proof !== 'object') return undefined;
  for (const value of Object.values(proof)) {
    const link = linkOf(value);
    if (link) return link;
  }
  return undefined;
}

export interface Fact {
  name: string;
  text: string;
  /** Where the text is a time. */
  at?: string;
}

/** What is for machines alone: ids and fingerprints that say nothing to a person. */
const DULL = ['grant', 'commit', 'proof_of'];
const FINGERPRINT = /^[0-9a-f]{40,}$/;

/** The facts of a proof, a result or a configuration, those within others after them; without what is empty. */
export function facts(value: unknown, without: readonly string[] = []): Fact[] {
  if (value === null || value === undefined || value === '') return [];
  if (typeof value !== 'object') return [fact('', value)];
  if (Array.isArray(value)) return value.every((one) => typeof one !== 'object') ? [fact('', value.join('\n'))] : value.flatMap((one) => facts(one, without));
  return Object.entries(value)
    .filter(([name, part]) => part !== null && part !== '' && !without.includes(name) && !DULL.includes(name))
    .flatMap(([name, part]) => (typeof part === 'object' ? facts(part, without).map((one) => ({ ...one, name: one.name || name })) : [fact(name, part)]));
}

function fact(name: string, value: unknown): Fact {
  if (typeof value === 'number' && name.endsWith('_at') && value > 1e9) return { name, text: '', at: new Date(value * 1000).toISOString() };
  if (typeof value === 'string' && name === 'at') return { name, text: '', at: value };
  return { name, text: short(String(value)) };
}

/** A fingerprint by its beginning; everything else as it is. */
export function short(text: string): string {
  return FINGERPRINT.test(text) ? `${text.slice(0, 12)}…` : text;
}
