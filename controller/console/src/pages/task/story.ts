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

/** The parts of a proof or a result, one line each. */
export function parts(value: unknown): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [['', String(value)]];
  const text = (part: unknown) => (typeof part === 'object' && part !== null ? JSON.stringify(part) : String(part));
  if (Array.isArray(value)) return value.map((part, at) => [String(at + 1), text(part)]);
  return Object.entries(value).filter(([, part]) => part !== null && part !== '').map(([name, part]) => [name, text(part)]);
}
