// A cron expression as a person reads it: which times of which days. What it really means only the controller says; this
// puts it into words while somebody types.

export interface Cron {
  minutes: number[];
  hours: number[];
  /** Of the month; nothing where every one is meant. */
  days: number[];
  months: number[];
  /** 0 is Sunday; nothing where every one is meant. */
  weekdays: number[];
  everyMinute: boolean;
  everyHour: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Nothing where it is none: the controller says why. */
export function cron(text: string): Cron | undefined {
  const [minute, hour, day, month, weekday, ...more] = text.trim().toLowerCase().split(/\s+/);
  if (!minute || !hour || !day || !month || !weekday || more.length) return undefined;
  const read = {
    minutes: field(minute, 0, 59, []),
    hours: field(hour, 0, 23, []),
    days: field(day, 1, 31, []),
    months: field(month, 1, 12, MONTHS, 1),
    // Both 0 and 7 are Sunday.
    weekdays: field(weekday, 0, 7, WEEKDAYS)?.map((one) => one % 7),
  };
  const { minutes, hours, days, months, weekdays } = read;
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  return {
    minutes,
    hours,
    days: days.length === 31 ? [] : days,
    months: months.length === 12 ? [] : months,
    weekdays: new Set(weekdays).size === 7 ? [] : [...new Set(weekdays)].sort((a, b) => monday(a) - monday(b)),
    everyMinute: minutes.length === 60,
    everyHour: hours.length === 24,
  };
}

/** The week begins on Monday. */
function monday(weekday: number): number {
  return (weekday + 6) % 7;
}

function field(text: string, from: number, to: number, names: string[], first = 0): number[] | undefined {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [range, step, ...more] = part.split('/');
    if (range === undefined || more.length || (step !== undefined && !/^[1-9]\d*$/.test(step))) return undefined;
    const [least, most, ...rest] = range === '*' ? [String(from), String(names === WEEKDAYS ? 6 : to)] : range.split('-');
    const begin = value(least, names, first);
    const end = most === undefined ? (step === undefined ? begin : to) : value(most, names, first);
    if (rest.length || begin === undefined || end === undefined || begin < from || end > to || begin > end) return undefined;
    for (let at = begin; at <= end; at += Number(step ?? 1)) found.add(at);
  }
  return [...found].sort((a, b) => a - b);
}

function value(text: string | undefined, names: string[], first: number): number | undefined {
  const named = names.indexOf(text ?? '');
  if (named >= 0) return named + first;
  return text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

/** "09:05". */
export function time(hour: number, minute: number): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Every how many minutes (of an hour) or hours (of a day), where they are evenly spread from 0 on. */
export function every(list: readonly number[], whole: number): number | undefined {
  const step = (list[1] ?? whole) - (list[0] ?? 0);
  if (list.length < 2 || list[0] !== 0 || step <= 1 || whole % step !== 0 || list.length !== whole / step) return undefined;
  return list.every((one, at) => one === at * step) ? step : undefined;
}

/** Runs of neighbours: [1, 2, 3, 5] are 1 to 3, and 5. */
export function runs(list: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const one of list) {
    const last = found.at(-1);
    if (last && one === last[1] + 1) last[1] = one;
    else found.push([one, one]);
  }
  return found;
}
