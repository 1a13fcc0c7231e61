// Times as people say them, in their language.

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "3 minutes ago", "in 2 hours". */
export function ago(at: string, now: number, language: string): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const size = Math.abs(seconds);
  // What is a moment away either way is now: clocks differ.
  if (size < 5) return format.format(0, 'second');
  const [unit, length] = STEPS.find(([, length]) => size >= length) ?? STEPS[3]!;
  return format.format(Math.trunc(seconds / length), unit);
}

/** The date and the time to the second; of today the time alone. */
export function exact(at: string, language: string, now = Date.now()): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date(now).toDateString();
  return date.toLocaleString(language, isToday ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'medium' });
}

/** "8 s", "3 min 20 s", "2 h 5 min". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Whether a time lies within so many milliseconds from now. */
export function within(at: string | null | undefined, ms: number, now: number): boolean {
  if (!at) return false;
  const wait = Date.parse(at) - now;
  return wait >= 0 && wait <= ms;
}
