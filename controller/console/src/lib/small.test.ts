// The small ones: time, countdown, sizes, windows of lists, touches, 2FA, curl, events.
import { describe, expect, it } from 'vitest';
import { EventParser } from '../api/sse';
import { bytes } from './bytes';
import { Countdown } from './countdown';
import { curl } from './curl';
import { ago, span, within } from './time';
import { meant, onScreen } from './touch';
import { carriesSecret } from './twofa';
import { inSight, pagesOf } from './window';

const NOW = Date.parse('2027-01-15T08:00:00Z');

describe('times', () => {
  it('are told as people say them', () => {
    const told = (at: string, language = 'en') => ago(at, NOW, language);
    expect(told('2027-01-15T08:00:02Z')).toBe('now');
    expect(told('2027-01-15T07:57:10Z')).toBe('2 min. ago');
    expect(told('2027-01-15T10:00:00Z')).toBe('in 2 hr.');
    expect(told('2027-01-10T08:00:00Z', 'sv')).toContain('5');
    expect(span(8_400)).toBe('8 s');
    expect(span(200_000)).toBe('3 min 20 s');
    expect(span(7_500_000)).toBe('2 h 5 min');
  });

  it('lie within a span from now on, never before', () => {
    expect(within('2027-01-15T08:30:00Z', 3_600_000, NOW)).toBe(true);
    expect(within('2027-01-15T09:30:00Z', 3_600_000, NOW)).toBe(false);
    expect(within('2027-01-15T07:59:59Z', 3_600_000, NOW)).toBe(false);
    expect(within(null, 1, NOW)).toBe(false);
  });
});

describe('a countdown', () => {
  it('runs from when the code came, and ends at zero', () => {
    const countdown = new Countdown(12, 1_000);
    expect(countdown.left(1_000)).toBe(12);
    expect(countdown.left(1_001)).toBe(12);
    expect(countdown.left(12_999)).toBe(1);
    expect(countdown.left(13_000)).toBe(0);
    expect(countdown.left(99_000)).toBe(0);
    expect(countdown.share(1_000, 30)).toBeCloseTo(0.4);
    expect(countdown.share(99_000, 30)).toBe(0);
  });
});

describe('a size', () => {
  it('has a unit that fits', () => {
    expect(bytes(31, 'en')).toBe('31 B');
    expect(bytes(438_272, 'en')).toBe('438 kB');
    expect(bytes(4_550_000, 'en')).toBe('4.6 MB');
    expect(bytes(4_550_000, 'fr')).toBe('4,6 MB');
  });
});

describe('a long list', () => {
  it('has the rows in sight and some around them', () => {
    expect(inSight(0, 400, 40, 20_000)).toEqual({ from: 0, to: 22 });
    expect(inSight(400_000, 400, 40, 20_000)).toEqual({ from: 9_988, to: 10_022 });
    expect(inSight(799_600, 400, 40, 20_000)).toEqual({ from: 19_978, to: 20_000 });
    expect(inSight(799_600, 400, 40, 3)).toEqual({ from: 3, to: 3 });
    expect(inSight(0, 400, 0, 5)).toEqual({ from: 0, to: 5 });
  });

  it('reads the pages that hold them', () => {
    expect(pagesOf({ from: 0, to: 22 }, 100)).toEqual([1]);
    expect(pagesOf({ from: 99, to: 101 }, 100)).toEqual([1, 2]);
    expect(pagesOf({ from: 100, to: 200 }, 100)).toEqual([2]);
    expect(pagesOf({ from: 5, to: 5 }, 100)).toEqual([]);
  });
});

describe('a touch', () => {
  const screen = { width: 1080, height: 2400 };

  it('falls where the finger was, and not on the bars beside the picture', () => {
    const box = { width: 400, height: 400 };
    expect(onScreen({ x: 200, y: 200 }, box, screen)).toEqual({ x: 540, y: 1200 });
    expect(onScreen({ x: 20, y: 200 }, box, screen)).toBeUndefined();
    expect(onScreen({ x: 0, y: 0 }, { width: 0, height: 0 }, screen)).toBeUndefined();
  });

  it('is a tap, a long press or a swipe', () => {
    const [from, near, far] = [{ x: 100, y: 100 }, { x: 110, y: 100 }, { x: 100, y: 900 }];
    expect(meant(from, near, 80, screen)).toEqual({ type: 'tap', x: 100, y: 100 });
    expect(meant(from, near, 700, screen)).toEqual({ type: 'long_press', x: 100, y: 100 });
    expect(meant(from, far, 20, screen)).toEqual({ type: 'swipe', x1: 100, y1: 100, x2: 100, y2: 900, duration_ms: 80 });
  });
});

describe('a 2FA secret', () => {
  it('is recognised as the controller does it', () => {
    const good = ['pass:JBSWY3DPEHPK3PXP', 'a:b:jbsw y3dp ehpk 3pxp', ':JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'];
    for (const text of good) expect(carriesSecret('instagram', text), text).toBe(true);
    const bad = ['pass', 'pass:', 'pass:SHORT', 'pass:JBSWY3DPEHPK3PX8', 'JBSWY3DPEHPK3PXP', 'pass:JBSWY3DPEHPK3PXPA'];
    for (const text of bad) expect(carriesSecret('instagram', text), text).toBe(false);
    expect(carriesSecret('tiktok', 'pass:JBSWY3DPEHPK3PXP')).toBe(false);
  });
});

describe('a line of curl', () => {
  it('keeps quotes as they are', () => {
    expect(curl('http://localhost:1', '/api/v1/task', { a: `it's "b"` }, false)).toBe(`curl -d '{"a":"it'\\''s \\"b\\""}' http://localhost:1/api/v1/task`);
    expect(curl('', '/x', {}, true)).toContain("-H 'Authorization: Bearer TOKEN'");
  });
});

describe('server-sent events', () => {
  it('are whole only when they are, however they come', () => {
    const text = ': heartbeat\n\nid: 1-2\nevent: task\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\n';
    const whole = new EventParser().push(text);
    expect(whole).toEqual([{ id: '1-2', event: 'task', data: '{"a":\n1}' }, { id: '', event: 'message', data: 'x' }]);
    const parser = new EventParser();
    expect([...text].flatMap((letter) => parser.push(letter))).toEqual(whole);
  });
});
