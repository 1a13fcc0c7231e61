// What an entry of the record says was changed, value by value.

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

/** A value that is longer than a look needs. */
export function short(text: string): string {
  const letters = [...text];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST - 1).join('')}…` : text;
}
