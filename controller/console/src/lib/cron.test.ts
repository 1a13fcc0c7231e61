import { describe, expect, it } from 'vitest';
import { cron, every, runs } from './cron';

describe('a cron expression', () => {
  it('is read with ranges, lists, steps and names', () => {
    expect(cron('0 9 * * mon-fri')).toMatchObject({ minutes: [0], hours: [9], days: [], months: [], weekdays: [1, 2, 3, 4, 5] });
    expect(cron('*/15 9-11 1,15 jan *')).toMatchObject({ minutes: [0, 15, 30, 45], hours: [9, 10, 11], days: [1, 15], months: [1], weekdays: [] });
    expect(cron('5/20 * * * 7')).toMatchObject({ minutes: [5, 25, 45], everyHour: true, weekdays: [0] });
    expect(cron('* * * * 0-7')).toMatchObject({ everyMinute: true, weekdays: [] });
    expect(cron('0 0 * * sun,sat,mon')?.weekdays).toEqual([1, 6, 0]);
  });

  it('is none where a field is missing or out of range', () => {
    for (const text of ['', '0 9 * *', '0 9 * * * *', '60 9 * * *', '0 24 * * *', '0 9 0 * *', '0 9 * 13 *', '0 9 * * noday', '0/0 * * * *', '5-1 * * * *', '1,,2 * * * *']) {
      expect(cron(text), text).toBeUndefined();
    }
  });

  it('is said in steps where it has some, else in runs', () => {
    expect(every([0, 15, 30, 45], 60)).toBe(15);
    expect(every([0, 25, 50], 60)).toBeUndefined();
    expect(every([5, 20, 35, 50], 60)).toBeUndefined();
    expect(every([0], 60)).toBeUndefined();
    expect(runs([1, 2, 3, 5, 7, 8])).toEqual([[1, 3], [5, 5], [7, 8]]);
  });
});
