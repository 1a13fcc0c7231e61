// The form of a script, from what its pack says of its parameters: what is shown, what is wrong, what is sent.

export interface Parameter {
  name: string;
  type: 'text' | 'line' | 'lines' | 'list' | 'integer' | 'number' | 'boolean' | 'percent' | 'choice' | 'duration' | 'path' | 'secret';
  default: unknown;
  required: boolean;
  one_of: string | null;
  help: string;
  example: unknown;
  experimental: boolean;
  refuse: string | null;
  min?: number | null;
  max?: number | null;
  max_length?: number | null;
  max_entries?: number | null;
  choices?: unknown[];
}

/** What stands in the fields, as text; of a switch "true" or "". */
export type Typed = Record<string, string>;

export type Problem =
  | { kind: 'required' }
  | { kind: 'one_of'; names: string[] }
  | { kind: 'number' }
  | { kind: 'whole' }
  | { kind: 'least'; least: number }
  | { kind: 'most'; most: number }
  | { kind: 'length'; most: number }
  | { kind: 'entries'; most: number }
  | { kind: 'duration' };

const NUMBERS = ['integer', 'number', 'percent', 'duration'];

export function isOffered(parameter: Parameter): boolean {
  return parameter.refuse === null;
}

/** A value as its field shows it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === false) return '';
  if (Array.isArray(value)) return value.map(shown).join('\n');
  return String(value);
}

/** The fields as they are before anybody typed. */
export function blank(parameters: Parameter[]): Typed {
  return Object.fromEntries(parameters.filter(isOffered).map((parameter) => [parameter.name, shown(parameter.default)]));
}

/** What is entered a line each. */
export function lines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
}

/** "90s", "10m", "1h30m" or a number, in seconds. */
export function seconds(text: string): number | undefined {
  const plain = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(plain)) return Number(plain);
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(plain);
  if (!parts || !plain) return undefined;
  const [, hours, minutes, rest] = parts;
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0);
}

function entries(parameter: Parameter, text: string): string[] {
  if (parameter.type === 'lines') return lines(text);
  return text.split(/[\r\n,]+/).map((entry) => entry.trim()).filter(Boolean);
}

function problem(parameter: Parameter, text: string): Problem | undefined {
  const plain = text.trim();
  if (plain === '') return parameter.required ? { kind: 'required' } : undefined;
  if (NUMBERS.includes(parameter.type)) {
    const number = parameter.type === 'duration' ? seconds(plain) : Number(plain);
    if (number === undefined) return { kind: 'duration' };
    if (!Number.isFinite(number)) return { kind: 'number' };
    if (parameter.type !== 'number' && parameter.type !== 'duration' && !Number.isInteger(number)) return { kind: 'whole' };
    const least = parameter.type === 'percent' ? 0 : parameter.min;
    const most = parameter.type === 'percent' ? 100 : parameter.max;
    if (typeof least === 'number' && number < least) return { kind: 'least', least };
    if (typeof most === 'number' && number > most) return { kind: 'most', most };
  }
  const most = parameter.max_length;
  if (typeof most === 'number' && [...plain].length > most) return { kind: 'length', most };
  const mostEntries = parameter.max_entries;
  if (typeof mostEntries === 'number' && entries(parameter, plain).length > mostEntries) return { kind: 'entries', most: mostEntries };
  return undefined;
}

/** What is wrong, by parameter. */
export function problems(parameters: Parameter[], typed: Typed): Record<string, Problem> {
  const wrong: Record<string, Problem> = {};
  const offered = parameters.filter(isOffered);
  for (const parameter of offered) {
    const found = problem(parameter, typed[parameter.name] ?? '');
    if (found) wrong[parameter.name] = found;
  }
  for (const word of new Set(offered.map((parameter) => parameter.one_of).filter((word) => word !== null))) {
    const group = offered.filter((parameter) => parameter.one_of === word);
    const [first] = group;
    if (first && group.every((parameter) => !(typed[parameter.name] ?? '').trim())) {
      wrong[first.name] ??= { kind: 'one_of', names: group.map((parameter) => parameter.name) };
    }
  }
  return wrong;
}

/** What is sent: only what differs from the defaults. */
export function config(parameters: Parameter[], typed: Typed): Record<string, unknown> {
  const sent: Record<string, unknown> = {};
  for (const parameter of parameters.filter(isOffered)) {
    const text = typed[parameter.name] ?? '';
    if (text.trim() === shown(parameter.default).trim()) continue;
    const value = valueOf(parameter, text);
    if (value !== undefined) sent[parameter.name] = value;
  }
  return sent;
}

function valueOf(parameter: Parameter, text: string): unknown {
  switch (parameter.type) {
    case 'boolean':
      return text === 'true';
    case 'integer':
    case 'number':
    case 'percent':
      return text.trim() === '' ? undefined : Number(text);
    case 'duration':
      return text.trim() === '' ? undefined : seconds(text);
    case 'lines':
    case 'list':
      return entries(parameter, text);
    case 'choice':
      return parameter.choices?.find((choice) => String(choice) === text) ?? (text || undefined);
    default:
      return parameter.type === 'text' ? text : text.trim();
  }
}
