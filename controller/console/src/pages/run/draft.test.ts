import { describe, expect, it } from 'vitest';
import { BLANK, begin, body, isAddressed } from './draft';

describe('a run that is put together', () => {
  it('goes on where it was, and follows what the address asks for', () => {
    const kept = JSON.stringify({ ...BLANK, script: 'follow', usernames: ['old'] });
    expect(begin(kept, new URLSearchParams()).script).toBe('follow');
    const asked = begin(kept, new URLSearchParams({ serials: 'A, B', platform: 'instagram', script: 'post' }));
    expect(asked).toMatchObject({ by: 'phones', serials: ['A', 'B'], platform: 'instagram', script: 'post' });
    for (const broken of ['{', '7', 'null']) expect(begin(broken, new URLSearchParams())).toEqual(BLANK);
  });

  it('is sent as the API takes it', () => {
    const wish = { ...BLANK, usernames: ['anna'], script: 'post', when: 'time' as const, time: '09:30', least: '2', most: ' ', retries: 'x' };
    expect(body(wish, [], {})).toEqual({ usernames: ['anna'], platform: 'tiktok', script_name: 'post', start_time: '09:30', min_interval: 2, max_retries: 'x' });
    const phones = { ...BLANK, by: 'phones' as const, groups: ['shelf'], everyAccount: true, script: 'sync_data', when: 'at' as const, at: 'nonsense' };
    expect(body(phones, [], {})).toEqual({ serials: [], groups: ['shelf'], enable_multi_account: true, platform: 'tiktok', script_name: 'sync_data' });
    expect([isAddressed(wish), isAddressed(phones), isAddressed(BLANK)]).toEqual([true, true, false]);
  });
});
