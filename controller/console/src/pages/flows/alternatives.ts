// The alternatives of an element as a form shows them, and as they are written.

export type Fields = Record<string, unknown>;

export type KeyKind = 'texts' | 'flag' | 'number' | 'element' | 'text';

export interface KeyInfo {
  name: string;
  kind: KeyKind;
}

const texts = (...names: string[]): KeyInfo[] => names.map((name) => ({ name, kind: 'texts' }));
const elements = (...names: string[]): KeyInfo[] => names.map((name) => ({ name, kind: 'element' }));
const flags = (...names: string[]): KeyInfo[] => names.map((name) => ({ name, kind: 'flag' }));

/** What an alternative may say, the usual first. */
export const KEYS: KeyInfo[] = [
  ...texts('text', 'desc', 'label', 'id', 'class', 'hint'),
  ...texts('text_contains', 'text_starts', 'text_matches', 'desc_contains', 'desc_starts', 'desc_matches'),
  ...texts('label_contains', 'label_starts', 'label_matches', 'hint_contains', 'hint_starts', 'hint_matches'),
  ...texts('not_text', 'not_desc', 'not_label', 'not_id', 'not_class', 'not_hint', 'package'),
  ...flags('clickable', 'enabled', 'selected', 'checked', 'focused', 'password', 'scrollable', 'empty', 'covered'),
  ...elements('inside', 'not_inside', 'has', 'not_has', 'within', 'near', 'right_of', 'left_of', 'above', 'below'),
  ...elements('sibling_after', 'sibling_before'),
  { name: 'nth', kind: 'number' },
  { name: 'app', kind: 'text' },
  { name: 'lang', kind: 'text' },
  { name: 'experimental', kind: 'flag' },
  { name: 'help', kind: 'text' },
];

/** In the order in which the form offers the keys. */
export function ordered(fields: Fields): Fields {
  const place = (name: string) => KEYS.findIndex((key) => key.name === name);
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => place(a) - place(b)));
}

export function kindOf(name: string): KeyKind {
  return KEYS.find((key) => key.name === name)?.kind ?? 'text';
}

/** A value as its field shows it: of several texts each on a line. */
export function shown(value: unknown): string {
  return Array.isArray(value) ? value.join('\n') : String(value ?? '');
}

/** What a field says, in its kind. */
export function read(name: string, text: string): unknown {
  const kind = kindOf(name);
  if (kind === 'flag') return text === 'true';
  if (kind === 'number') return /^-?\d+$/.test(text.trim()) ? Number(text) : text;
  if (kind === 'text') return text;
  const all = text.split('\n').filter((line) => line !== '');
  return all.length > 1 ? all : (all[0] ?? '');
}

/** The list as it would be written; the controller writes it with the comments that stand there. */
export function toml(all: Fields[]): string {
  const value = (one: unknown): string => (Array.isArray(one) ? `[${one.map(value).join(', ')}]` : typeof one === 'string' ? quoted(one) : String(one));
  const one = (fields: Fields) => `{ ${Object.entries(fields).map(([name, of]) => `${name} = ${value(of)}`).join(', ')} }`;
  return `[\n${all.map((fields) => `  ${one(fields)},\n`).join('')}]`;
}

function quoted(text: string): string {
  // As in regular expressions, where each backslash would have to be doubled.
  const isPlain = ![...text].some((c) => c === "'" || c < ' ');
  return text.includes('\\') && isPlain ? `'${text}'` : JSON.stringify(text);
}

/** What is being made of an element; it outlives the tab. */
export interface Draft {
  /** The hash of the pack that it was begun on. */
  from: string;
  mode: 'form' | 'text';
  fields: Fields[];
  text: string;
}

export function isDraft(value: unknown): value is Draft {
  const one = value as Draft | null;
  return typeof one === 'object' && one !== null && typeof one.from === 'string' && Array.isArray(one.fields) && typeof one.text === 'string';
}
