// When a schedule runs, in the reader's words.
import type { Schema } from '../../api/client';
import { t, tn, words } from '../../i18n/i18n.svelte';
import { cron, every, runs, time, type Cron } from '../../lib/cron';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** More times of a day than that are told by their hours and minutes. */
const MOST_TIMES = 6;

/** 0 is Sunday; 4 January 1970 was one. */
export function weekday(at: number, style: 'long' | 'short' = 'long'): string {
  return new Date(Date.UTC(1970, 0, 4 + at)).toLocaleDateString(words.locale, { weekday: style, timeZone: 'UTC' });
}

export function dayName(day: string, style: 'long' | 'short' = 'short'): string {
  return weekday((DAYS.indexOf(day as (typeof DAYS)[number]) + 1) % 7, style);
}

function month(at: number): string {
  return new Date(Date.UTC(2026, at - 1, 1)).toLocaleDateString(words.locale, { month: 'long', timeZone: 'UTC' });
}

export function listed(parts: string[]): string {
  return new Intl.ListFormat(words.locale, { type: 'conjunction' }).format(parts);
}

function ranged(list: readonly number[], name: (at: number) => string): string {
  const parts = runs(list).flatMap(([from, to]) => (to - from > 1 ? [t('when.range', { from: name(from), to: name(to) })] : from === to ? [name(from)] : [name(from), name(to)]));
  return listed(parts);
}

/** Monday is 0 here, so that Saturday and Sunday are neighbours. */
function days(list: readonly number[]): string {
  if (list.length === 0 || list.length === 7) return t('when.every_day');
  return t('when.on', { days: ranged([...list].sort((a, b) => a - b), (at) => weekday((at + 1) % 7)) });
}

function ofSlot(slot: Schema['SlotItem']): string {
  const on = slot.weekdays.map((day) => DAYS.indexOf(day as (typeof DAYS)[number])).filter((at) => at >= 0);
  const isFew = slot.times.length <= MOST_TIMES;
  const at = isFew ? listed(slot.times) : tn('when.times', slot.times.length, { from: slot.times[0] ?? '', to: slot.times.at(-1) ?? '' });
  return t(isFew ? 'when.days_at' : 'when.days_each', { days: days(on), times: at });
}

function ofCron({ minutes, hours, days: dates, months, weekdays, everyMinute, everyHour }: Cron): string {
  const step = every(minutes, 60);
  const hourly = everyHour ? '' : t('when.in_hours', { hours: ranged(hours, (hour) => time(hour, 0)) });
  const past = listed(minutes.map((minute) => `:${String(minute).padStart(2, '0')}`));
  const isFew = minutes.length * hours.length <= MOST_TIMES;
  let at;
  if (isFew) at = listed(hours.flatMap((hour) => minutes.map((minute) => time(hour, minute))));
  else if (everyMinute) at = `${t('when.every_minute')}${hourly}`;
  else if (step) at = `${t('when.every_minutes', { n: step })}${hourly}`;
  else if (everyHour) at = t('when.every_hour', { minutes: past });
  else at = `${t('when.past_hour', { minutes: past })}${hourly}`;
  const ofWeek = weekdays.length ? days(weekdays.map((one) => (one + 6) % 7)) : '';
  const ofMonth = dates.length ? t('when.dates', { dates: ranged(dates, String) }) : '';
  // Where both are given, one of them is enough.
  const on = ofWeek && ofMonth ? t('when.or', { one: ofMonth, other: ofWeek }) : ofWeek || ofMonth || t('when.every_day');
  const whole = t(isFew ? 'when.days_at' : 'when.days_each', { days: on, times: at });
  return months.length ? t('when.in_months', { when: whole, months: ranged(months, month) }) : whole;
}

/** Nothing where it makes no sense as it is. */
export function inWords(schedule: { slots?: readonly Schema['SlotItem'][] | null; cron?: string | null }): string {
  let text = '';
  if (schedule.cron) {
    const read = cron(schedule.cron);
    text = read ? ofCron(read) : '';
  } else {
    text = (schedule.slots ?? []).filter((slot) => slot.times.length > 0).map(ofSlot).join('; ');
  }
  return text.charAt(0).toLocaleUpperCase(words.locale) + text.slice(1);
}

/** A moment by the clock of a zone: "Mon 30 Nov, 09:00". */
export function moment(at: string, zone?: string): string {
  const style: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' };
  try {
    return new Date(at).toLocaleString(words.locale, { ...style, timeZone: zone });
  } catch {
    return new Date(at).toLocaleString(words.locale, style);
  }
}
