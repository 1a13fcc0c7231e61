import { describe, expect, it } from 'vitest';
import { byAccount, isOver, rows, slots, summed } from './calendar';

const run = (id: number, at: string, tasks = 1) => ({ schedule_id: id, name: `s${id}`, due_at: at, at, script_name: 'post', tasks });
const total = (serial: string, id: number | null, tasks: number, most: number, cap: number | null) => ({
  serial,
  account_id: id,
  username: id === null ? null : `u${id}`,
  platform: 'tiktok',
  action: 'post',
  tasks,
  most_a_day: most,
  done_today: 0,
  cap,
});

describe('the calendar', () => {
  const from = new Date(2027, 0, 15, 9, 30).getTime();
  const at = (hour: number, minute: number, day = 15) => new Date(2027, 0, day, hour, minute).toISOString();

  it('has each run in its hour, and a row for each schedule', () => {
    const found = slots([run(2, at(9, 45)), run(1, at(10, 0), 3), run(2, at(10, 45))], from, from + 24 * 3_600_000, 'hour');
    expect(found).toHaveLength(25);
    expect(found.slice(0, 3).map((slot) => [slot.runs.length, slot.tasks])).toEqual([[1, 1], [2, 4], [0, 0]]);
    expect(rows(found).map((row) => [row.id, row.runs, row.cells.slice(0, 2).map((cell) => cell.length)])).toEqual([[2, 2, [1, 1]], [1, 1, [0, 1]]]);
  });

  it('has days from this one on', () => {
    const found = slots([run(1, at(23, 0)), run(1, at(1, 0, 16))], from, from + 7 * 24 * 3_600_000, 'day');
    expect(found).toHaveLength(8);
    expect(found.slice(0, 2).map((slot) => slot.tasks)).toEqual([1, 1]);
  });

  it('puts first who is over the cap, on the fullest day and not over all of them', () => {
    const sums = byAccount([total('A', 1, 14, 2, 10), total('A', 2, 7, 3, 2), total('B', null, 5, 5, 1), total('B', 3, 9, 9, null)]);
    expect(sums.map((sum) => [sum.name, isOver(sum)])).toEqual([['@u2', true], ['@u1', false], ['@u3', false]]);
  });

  it('sums by phone', () => {
    expect(summed([total('A', 1, 2, 1, null), total('B', 2, 5, 1, null), total('A', 3, 4, 1, null)], (one) => one.serial)).toEqual([{ name: 'A', tasks: 6 }, { name: 'B', tasks: 5 }]);
  });
});
