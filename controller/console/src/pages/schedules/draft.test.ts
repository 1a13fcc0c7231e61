import { describe, expect, it } from 'vitest';
import type { Parameter } from '../../lib/form';
import { blank } from '../../lib/form';
import { typedKey } from '../run/draft';
import { BLANK, body, isTimed, isWhole, of, timing } from './draft';

const users: Parameter = { name: 'target_users', type: 'list', default: [], required: false, one_of: null, help: '', example: null, experimental: false, refuse: null };
const schedule = {
  id: 3,
  name: 'morning',
  enabled: true,
  slots: [{ weekdays: ['mon'], times: ['09:00'] }],
  cron: null,
  time_zone: 'Europe/Stockholm',
  jitter_minutes: 5,
  missed: 'run_once',
  grace_minutes: 5,
  valid_from: null,
  valid_until: '2027-01-31T12:00:00Z',
  script_name: 'follow',
  script_config: { target_users: ['a', 'b'], of_old: 1 },
  serials: [],
  groups: [],
  usernames: ['jane'],
  enable_multi_account: false,
  platform: null,
  min_interval: 3,
  max_interval: null,
  max_retries: null,
  next_run_at: null,
  last_run: null,
  created_at: '2027-01-01T00:00:00Z',
  created_by: 'x',
  updated_at: '2027-01-01T00:00:00Z',
  warnings: [],
};

describe('the draft of a schedule', () => {
  const draft = of(schedule as never, 'instagram');
  const typed = { ...blank([users]), ...draft.wish.typed[typedKey(draft.wish)] };

  it('comes back as it stands, with what its form does not have', () => {
    expect(body(draft, [users], typed)).toMatchObject({
      name: 'morning', usernames: ['jane'], serials: [], groups: [], script_name: 'follow', script_config: { target_users: ['a', 'b'], of_old: 1 },
      slots: schedule.slots, cron: null, time_zone: 'Europe/Stockholm', jitter_minutes: 5, missed: 'run_once', grace_minutes: 5,
      valid_from: null, valid_until: '2027-01-31T12:00:00.000Z', min_interval: 3, max_interval: null,
    });
  });

  it('takes nothing of one script along to another', () => {
    const other = { ...draft, wish: { ...draft.wish, script: 'sync_data' } };
    expect(body(other, [], {})['script_config']).toEqual({});
  });

  it('says when in one way alone, and is whole with a name, a script, somebody and a time', () => {
    expect(timing({ ...draft, by: 'cron', cron: '0 9 * * *' })).toMatchObject({ slots: null, cron: '0 9 * * *' });
    expect(isWhole(draft)).toBe(true);
    expect(isWhole({ ...draft, name: ' ' })).toBe(false);
    expect(isWhole(BLANK)).toBe(false);
    expect(isTimed({ ...draft, slots: [{ weekdays: [], times: ['09:00'] }] })).toBe(false);
  });
});
