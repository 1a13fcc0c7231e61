// A schedule that is being put together or changed; kept in the browser until it is saved, so that a closed tab loses nothing.
import type { Schema } from '../../api/client';
import { shown, type Parameter, type Typed } from '../../lib/form';
import { BLANK as NO_WISH, body as taskBody, isAddressed, typedKey, type Wish } from '../run/draft';
import { DAYS } from './words';

type Schedule = Schema['ScheduleItem'];

export interface Draft {
  /** For whom, which script, with what. */
  wish: Wish;
  name: string;
  enabled: boolean;
  by: 'week' | 'cron';
  slots: { weekdays: string[]; times: string[] }[];
  cron: string;
  zone: string;
  jitter: string;
  missed: string;
  grace: string;
  from: string;
  until: string;
  /** Of the schedule that it changes: parameters that its form does not have stay. */
  config: Record<string, unknown>;
  /** Of which script that is. */
  configOf: string;
}

export const BLANK: Draft = {
  wish: NO_WISH,
  name: '',
  enabled: true,
  by: 'week',
  slots: [{ weekdays: [...DAYS], times: ['09:00'] }],
  cron: '0 9 * * mon-fri',
  zone: '',
  jitter: '',
  missed: 'skip',
  grace: '',
  from: '',
  until: '',
  config: {},
  configOf: '',
};

const key = (id: string) => `drover.draft.schedule.${id}`;

/** What was kept of a schedule that somebody has begun to change. */
export function kept(id: string): Draft | undefined {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(key(id)) ?? 'null');
    if (read === null || typeof read !== 'object') return undefined;
    const draft = { ...structuredClone(BLANK), ...read };
    return { ...draft, wish: { ...structuredClone(NO_WISH), ...draft.wish } };
  } catch {
    // What cannot be read is begun anew.
    return undefined;
  }
}

export function keep(id: string, draft: Draft | undefined) {
  try {
    if (draft) localStorage.setItem(key(id), JSON.stringify(draft));
    else localStorage.removeItem(key(id));
  } catch {
    // Without storage the draft lives as long as the page.
  }
}

/** By this browser's clock, as a field for dates and times wants it. */
function local(at: string | null | undefined): string {
  if (!at) return '';
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const number = (value: number | null | undefined) => (value === null || value === undefined ? '' : String(value));

/** What stands, to be changed. */
export function of(schedule: Schedule, platform: string): Draft {
  const byAccounts = schedule.usernames.length > 0;
  const config = schedule.script_config as Record<string, unknown>;
  const wish: Wish = {
    ...structuredClone(NO_WISH),
    by: byAccounts ? 'accounts' : 'phones',
    platform: schedule.platform ?? platform,
    usernames: schedule.usernames,
    serials: schedule.serials,
    groups: schedule.groups,
    everyAccount: schedule.enable_multi_account,
    script: schedule.script_name,
    least: number(schedule.min_interval),
    most: number(schedule.max_interval),
    retries: number(schedule.max_retries),
  };
  wish.typed = { [typedKey(wish)]: Object.fromEntries(Object.entries(config).map(([name, value]) => [name, shown(value)])) };
  return {
    wish,
    name: schedule.name,
    enabled: schedule.enabled,
    by: schedule.cron ? 'cron' : 'week',
    slots: schedule.slots?.length ? schedule.slots : structuredClone(BLANK.slots),
    cron: schedule.cron ?? BLANK.cron,
    zone: schedule.time_zone,
    jitter: schedule.jitter_minutes ? String(schedule.jitter_minutes) : '',
    missed: schedule.missed,
    grace: number(schedule.grace_minutes),
    from: local(schedule.valid_from),
    until: local(schedule.valid_until),
    config,
    configOf: typedKey(wish),
  };
}

const instant = (text: string) => (text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : null);
const minutes = (text: string) => (text.trim() === '' ? null : Number.isNaN(Number(text)) ? text : Number(text));

/** When, as the API takes it. */
export function timing(draft: Draft): Record<string, unknown> {
  return {
    slots: draft.by === 'week' ? draft.slots : null,
    cron: draft.by === 'cron' ? draft.cron : null,
    time_zone: draft.zone.trim() || null,
    valid_from: instant(draft.from),
    valid_until: instant(draft.until),
  };
}

/** All of it; `null` takes a value back, so that it serves for a change, too. */
export function body(draft: Draft, parameters: Parameter[], typed: Typed): Record<string, unknown> {
  const task = taskBody({ ...draft.wish, when: 'now' }, parameters, typed);
  const known = parameters.map((parameter) => parameter.name);
  const isSame = draft.configOf === typedKey(draft.wish);
  const more = Object.fromEntries(Object.entries(draft.config).filter(([name]) => isSame && !known.includes(name)));
  const config = { ...more, ...(task['script_config'] as object | undefined) };
  return {
    serials: [],
    groups: [],
    usernames: [],
    enable_multi_account: false,
    min_interval: null,
    max_interval: null,
    max_retries: null,
    ...task,
    script_config: config,
    ...timing(draft),
    name: draft.name.trim(),
    enabled: draft.enabled,
    jitter_minutes: minutes(draft.jitter) ?? 0,
    missed: draft.missed,
    grace_minutes: minutes(draft.grace),
  };
}

export function isTimed(draft: Draft): boolean {
  if (draft.by === 'cron') return draft.cron.trim() !== '';
  return draft.slots.length > 0 && draft.slots.every((slot) => slot.times.length > 0 && slot.weekdays.length > 0);
}

export function isWhole(draft: Draft): boolean {
  return draft.name.trim() !== '' && draft.wish.script !== '' && isAddressed(draft.wish) && isTimed(draft);
}
