// What pages make of what the controller tells.
import { describe, expect, it } from 'vitest';
import type { Schema } from '../api/client';
import { grouped } from './farm/grouped';
import { fares, signals } from './overview/signals';
import { groups, kind, typed, type Setting } from './settings/values';
import { facts, linkOf, story } from './task/story';
import { query } from './tasks/filters';

describe('the story of a task', () => {
  it('is told in order', () => {
    const task = {
      status: 2,
      created_at: '2027-01-15T08:00:00Z',
      finished_at: '2027-01-15T08:01:00Z',
      attempt_list: [{ number: 1, begun_at: '2027-01-15T08:00:00Z', ended_at: '2027-01-15T08:01:00Z' }],
      grants: [{ asked_at: '2027-01-15T08:00:30Z', settled_at: '2027-01-15T08:00:40Z' }],
    } as unknown as Schema['TaskDetails'];
    expect(story(task).map((moment) => moment.kind)).toEqual(['created', 'attempt', 'grant', 'settled', 'attempt_ended', 'finished']);
    const waiting = { ...task, status: 0, finished_at: null, start_time: '2027-01-15T09:00:00Z', attempt_list: [], grants: [] } as unknown as Schema['TaskDetails'];
    expect(story(waiting).map((moment) => moment.kind)).toEqual(['created', 'planned']);
  });

  it('has a proof that people can read', () => {
    const proof = [{ at: '2027-01-15T08:00:00Z', commit: 'post', grant: 'x', key: 'a'.repeat(64), proof: { url: 'https://example.org/v/1', age: null, seen_at: 1795775104 } }];
    expect(linkOf(proof)).toBe('https://example.org/v/1');
    expect(linkOf({ a: 'javascript:alert(1)' })).toBeUndefined();
    expect(facts(proof)).toEqual([
      { name: 'at', text: '', at: '2027-01-15T08:00:00Z' },
      { name: 'key', text: `${'a'.repeat(12)}…` },
      { name: 'url', text: 'https://example.org/v/1' },
      { name: 'seen_at', text: '', at: '2026-11-27T10:25:04.000Z' },
    ]);
    expect(facts({ captions: ['a', 'b'], proof: 1 }, ['proof'])).toEqual([{ name: 'captions', text: 'a\nb' }]);
    expect(facts(null)).toEqual([]);
  });
});

describe('the overview', () => {
  const flow = (name: string, completed: number, failed: number) => ({ name, platform: 'tiktok', runs: completed + failed, completed, failed }) as Schema['FlowStat'];
  const overview = {
    now: '2027-01-15T08:00:00Z',
    devices: { total: 3, online: 2, offline: 1, unauthorized: 0, no_permissions: 0, unplugged: 4 },
    hosts: { total: 2, connected: 1, away: 1, away_names: ['shelf'] },
    backups: { last: { at: '2027-01-12T08:00:00Z', bytes: 1, file: 'f' }, trouble: null },
  } as unknown as Schema['Overview'];

  it('says what wants a look, and where', () => {
    const found = signals({ overview, attention: 2, overdue: 0, failingSchedules: [], flows: [flow('post', 2, 1), flow('follow', 1, 2), flow('like', 0, 2)] });
    expect(found.map(({ what, n, href }) => [what, n, href])).toEqual([
      ['hosts_away', 1, '/hosts'],
      ['attention', 2, '/attention'],
      ['phones', 1, '/phones?state=offline,unauthorized,no_permissions'],
      ['failing_flows', 1, '/flows'],
      ['backup_old', 1, '/settings'],
    ]);
  });

  it('puts first what fails most', () => {
    expect(fares([flow('post', 2, 0), flow('follow', 1, 1), flow('like', 0, 0)]).map(({ name, failed, completed }) => [name, failed, completed])).toEqual([
      ['follow', 1, 1],
      ['post', 0, 2],
    ]);
  });
});

describe('lists and settings', () => {
  it('ask the API as it wants to be asked', () => {
    expect(query({ status: '0,1', script: '', platform: '', serial: 'A', username: '', source: '', schedule: 7, sort: '-id', page: 2 })).toEqual({
      status: [0, 1], serial: ['A'], sort: '-id', page: 2, page_size: 50, script_name: undefined, platform: undefined, username: undefined, source: undefined, schedule_id: 7,
    });
  });

  it('are typed as their defaults are, in groups', () => {
    const setting = (name: string, value: unknown) => ({ name, value, default: value, is_set: false, help: '' }) as Setting;
    expect(typed(setting('a', 1), '2.5')).toBe(2.5);
    expect(typed(setting('a', 1), 'x')).toBe('x');
    expect(typed(setting('a', []), 'x, y')).toEqual(['x', 'y']);
    expect(typed(setting('a', true), 'true')).toBe(true);
    expect(kind({ ...setting('a', 'x'), choices: ['x', 'y'] })).toBe('choice');
    expect(kind(setting('a', 'x'))).toBe('text');
    const list = [setting('allowed_hosts', []), setting('caps.tiktok.post', 1), setting('caps.instagram.post', 1), setting('tasks.order', 'x')];
    expect(groups(list).map((group) => group.name)).toEqual(['api', 'caps.tiktok', 'caps.instagram', 'tasks']);
  });

  it('put phones under their hosts, and a phone of two groups under both', () => {
    const phones = [{ serial: 'A', host_name: 'b', groups: ['x', 'y'] }, { serial: 'B', host_name: null, groups: [] }, { serial: 'C', host_name: 'a', groups: ['y'] }];
    expect(grouped(phones, 'host').map((group) => group.name)).toEqual(['a', 'b', '']);
    expect(grouped(phones, 'group').map((group) => [group.name, group.phones.length])).toEqual([['x', 1], ['y', 2], ['', 1]]);
    expect(grouped(phones, 'none')).toHaveLength(1);
  });
});
