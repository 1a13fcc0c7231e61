// What comes, hour by hour or day by day, and how often altogether, against what is allowed in a day.
import type { Schema } from '../../api/client';

type Run = Schema['PlannedRun'];
type Total = Schema['PlannedTasks'];

export interface Slot {
  /** When it begins. */
  at: number;
  tasks: number;
  runs: Run[];
}

/** The hours from `from` on, or the days: each with what begins in it. By this browser's clock. */
export function slots(runs: readonly Run[], from: number, until: number, by: 'hour' | 'day'): Slot[] {
  const found: Slot[] = [];
  for (let at = start(from, by); at < until; at = after(at, by)) found.push({ at, tasks: 0, runs: [] });
  for (const run of runs) {
    const begins = start(Date.parse(run.at), by);
    const slot = found.find((one) => one.at === begins);
    if (!slot) continue;
    slot.runs.push(run);
    slot.tasks += run.tasks;
  }
  return found;
}

function start(at: number, by: 'hour' | 'day'): number {
  const date = new Date(at);
  if (by === 'hour') date.setMinutes(0, 0, 0);
  else date.setHours(0, 0, 0, 0);
  return date.getTime();
}

function after(at: number, by: 'hour' | 'day'): number {
  // A day is not always 24 hours long.
  if (by === 'hour') return at + 3_600_000;
  const date = new Date(at);
  date.setDate(date.getDate() + 1);
  return date.getTime();
}

export interface Row {
  id: number;
  name: string;
  script: string;
  runs: number;
  /** One for each slot. */
  cells: Run[][];
}

/** A row for each schedule, in the order of their first runs. */
export function rows(slots: readonly Slot[]): Row[] {
  const found = new Map<number, Row>();
  slots.forEach((slot, at) => {
    for (const run of slot.runs) {
      let row = found.get(run.schedule_id);
      if (!row) {
        row = { id: run.schedule_id, name: run.name, script: run.script_name, runs: 0, cells: slots.map(() => []) };
        found.set(run.schedule_id, row);
      }
      row.cells[at]?.push(run);
      row.runs += 1;
    }
  });
  return [...found.values()];
}

export interface Sum {
  key: string;
  name: string;
  platform: string;
  action: string;
  tasks: number;
  mostADay: number;
  doneToday: number;
  cap: number | null;
}

export const isOver = (sum: Sum) => sum.cap !== null && sum.mostADay > sum.cap;

/** By account and action: those over their cap first, then the fullest. */
export function byAccount(totals: readonly Total[]): Sum[] {
  const sums = totals
    .filter((total) => total.account_id !== null && total.account_id !== undefined)
    .map((total) => ({
      key: `${total.account_id} ${total.action}`,
      name: `@${total.username ?? total.account_id}`,
      platform: total.platform,
      action: total.action,
      tasks: total.tasks,
      mostADay: total.most_a_day,
      doneToday: total.done_today,
      cap: total.cap ?? null,
    }));
  const share = (sum: Sum) => (sum.cap ? sum.mostADay / sum.cap : 0);
  return sums.sort((a, b) => share(b) - share(a) || b.tasks - a.tasks);
}

/** By phone or by action, the most first. */
export function summed(totals: readonly Total[], name: (total: Total) => string): { name: string; tasks: number }[] {
  const found = new Map<string, number>();
  for (const total of totals) found.set(name(total), (found.get(name(total)) ?? 0) + total.tasks);
  return [...found].map(([name, tasks]) => ({ name, tasks })).sort((a, b) => b.tasks - a.tasks);
}
