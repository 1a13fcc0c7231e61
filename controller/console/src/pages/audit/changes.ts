// What an entry of the record says was changed, value by value.
import { exact } from '../../lib/time';

export interface Change {
  name: string;
  before: string;
  after: string;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The values that differ; of what is no record, the whole. */
export function changes(before: unknown, after: unknown): Change[] {
  if (!isRecord(before) && !isRecord(after)) {
    return text(before) === text(after) ? [] : [{ name: '', before: text(before), after: text(after) }];
  }
  const [old, now] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const all = names.map((name) => ({ name, before: text(old[name]), after: text(now[name]) }));
  return all.filter((change) => change.before !== change.after);
}

const LONGEST = 60;
const HASH = /^[0-9a-f]{32,}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/;

/** A value as long as a look needs it: of a hash the beginning, a moment by the reader's clock. */
export function short(text: string, language: string): string {
  if (HASH.test(text)) return `${text.slice(0, 12)}…`;
  if (MOMENT.test(text)) return exact(text, language);
  const letters = [...text];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : text;
}
