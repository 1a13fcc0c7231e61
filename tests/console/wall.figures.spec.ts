// Figures, not promises: how smoothly a wall of two hundred live screens scrolls, and what watching costs the controller.
// `tests/console.sh --figures` runs it alone and prints them; a machine that does something else meanwhile spoils them.
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { expect, test } from '@playwright/test';
import { wall } from './wall.ts';

const PHONES = 200;
const API = process.env.DROVER_TEST_API ?? '';
const SECONDS = 15;

// Recording what happens would be part of the figures.
test.use({ trace: 'off' });

function part(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Scrolls at an even pace, and tells how long each frame took and which tasks took long. */
async function scrolled(page: import('@playwright/test').Page, seconds: number): Promise<{ frames: number[]; long: number[] }> {
  return page.evaluate(
    (seconds) =>
      new Promise<{ frames: number[]; long: number[] }>((done) => {
        const frames: number[] = [];
        const long: number[] = [];
        new PerformanceObserver((list) => long.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' });
        const began = performance.now();
        let last = began;
        let pace = 14;
        const step = (now: number) => {
          frames.push(now - last);
          last = now;
          scrollBy(0, pace);
          const atEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
          if (atEnd || scrollY <= 0) pace = atEnd ? -14 : 14;
          if (now - began < seconds * 1000) requestAnimationFrame(step);
          else done({ frames: frames.slice(1), long });
        };
        requestAnimationFrame(step);
      }),
    seconds,
  );
}

/** Frames a second of a page with as many pictures that stand still, and nothing else: what this browser does on this machine. */
async function bare(context: import('@playwright/test').BrowserContext, picture: Buffer, width: number): Promise<number> {
  const page = await context.newPage();
  const box = `<div><img src="data:image/jpeg;base64,${picture.toString('base64')}"></div>`;
  const style = 'body{margin:0;display:grid;grid-template-columns:repeat(auto-fill,160px);gap:12px}div{height:430px;background:#fff}img{width:160px;height:340px}';
  await page.setViewportSize({ width: width - 240, height: page.viewportSize()?.height ?? 0 });
  await page.setContent(`<style>${style}</style>${box.repeat(PHONES)}`);
  await scrolled(page, 3);
  const { frames } = await scrolled(page, SECONDS);
  await page.close();
  return frames.length / SECONDS;
}

test('two hundred live screens while one scrolls', { tag: '@figures' }, async ({ browser }) => {
  const stand = await wall(API, PHONES, 360);
  for (const [width, height] of [
    [1280, 800],
    [2560, 1440],
  ] as const) {
    const context = await browser.newContext({ viewport: { width, height }, baseURL: stand.url });
    const page = await context.newPage();
    await page.goto('/farm?by=none');
    await expect(page.getByRole('checkbox', { name: /Select WALL/ })).toHaveCount(PHONES);
    await expect(page.getByRole('img', { name: 'Screen of WALL0001' })).toBeVisible();
    await page.screenshot({ path: `../../target/console/figures/wall-${width}.png` });
    await scrolled(page, 3);
    const measure = await context.newCDPSession(page);
    // What the page's own thread used of a processor, whoever else wants one meanwhile.
    await measure.send('Performance.enable', { timeDomain: 'threadTicks' });
    const busy = async () => {
      const { metrics } = await measure.send('Performance.getMetrics');
      const of = (name: string) => (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1000;
      return { all: of('TaskDuration'), script: of('ScriptDuration'), style: of('RecalcStyleDuration'), layout: of('LayoutDuration') };
    };
    const began = await busy();
    const before = stand.figures();
    const { frames, long } = await scrolled(page, SECONDS);
    const after = stand.figures();
    const ended = await busy();
    const each = (name: keyof typeof ended) => ((ended[name] - began[name]) / frames.length).toFixed(2);
    const atMost = await bare(context, stand.picture, width);
    frames.sort((a, b) => a - b);
    const ms = (share: number) => part(frames, share).toFixed(1);
    const slow = frames.filter((took) => took > 25).length;
    console.log(
      `${width}x${height}: ${PHONES} phones, ${after.watched} watched, ${((after.frames - before.frames) / SECONDS).toFixed(0)} pictures/s, ` +
        `${((after.bytes - before.bytes) / SECONDS / 1024).toFixed(0)} KiB/s; frames: ${(frames.length / SECONDS).toFixed(1)}/s, ` +
        `p50 ${ms(0.5)} ms, p95 ${ms(0.95)} ms, p99 ${ms(0.99)} ms, longest ${ms(1)} ms, ${((slow / frames.length) * 100).toFixed(1)} % over 25 ms; ` +
        `a bare page with as many still pictures: ${atMost.toFixed(1)}/s; ` +
        `the page's thread used ${each('all')} ms a frame (script ${each('script')}, style ${each('style')}, layout ${each('layout')}); ` +
        `long tasks: ${long.length}, longest ${Math.max(0, ...long).toFixed(0)} ms; load ${loadavg()[0]?.toFixed(1)}`,
    );
    // What is out of sight is not watched, whatever was scrolled past.
    expect(after.watched).toBeLessThan(PHONES / 2);
    await context.close();
    await expect.poll(() => stand.figures().watched).toBe(0);
  }
  await stand.close();
});

/** The controller that this farm runs, and the processor time that it used, in milliseconds. */
function used(): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!words.includes('drover-controller') || !words.includes(API) || !words.includes('serve')) continue;
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error('no controller is found');
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://${API}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1] ?? NaN);
}

test('what watching costs the controller', { tag: '@figures' }, async ({ page }) => {
  test.setTimeout(600_000);
  const { data } = await (await fetch(`http://${API}/api/v1/devices?state=online`)).json();
  const serials: string[] = data.devices.map((phone: { serial: string }) => phone.serial);
  const sleep = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));
  const window = 20;
  // A page without screens of its own, from which a connection may be opened.
  await page.goto('/audit');

  /** Watches each phone in each of these sizes for a while. */
  async function measured(sizes: number[], isMoving: boolean) {
    const watch = serials.flatMap((serial, at) => sizes.map((max, of) => ({ stream: at * sizes.length + of, serial, max, rate: 1 })));
    await page.evaluate(
      ([watch]) =>
        new Promise<void>((done, failed) => {
          const socket = new WebSocket(`ws://${location.host}/api/v1/devices/live`, ['drover.live.1']);
          Object.assign(window, { socket });
          socket.onerror = () => failed(new Error('no connection'));
          socket.onopen = () => {
            if (watch?.length) socket.send(JSON.stringify({ watch, unwatch: [] }));
            done();
          };
        }),
      [watch],
    );
    await sleep(3);
    const names = ['asks', 'unchanged', 'frames', 'bytes'].map((name) => `drover_live_${name}_total`);
    const before = await Promise.all(names.map(metric));
    const cpu = used();
    const began = performance.now();
    let turns = 0;
    while (performance.now() - began < window * 1000) {
      if (isMoving) {
        turns++;
        // At the phone itself, past the controller.
        for (const serial of serials) await fetch(`http://${process.env.DROVER_TEST_CONTROL}/phones/${serial}/rotate`, { method: 'POST', body: JSON.stringify({ rotation: turns % 2 }) });
      }
      await sleep(1);
    }
    const took = (performance.now() - began) / 1000;
    const spent = used() - cpu;
    const after = await Promise.all(names.map(metric));
    await page.evaluate(() => (window as unknown as { socket: WebSocket }).socket.close());
    for (const serial of serials) await fetch(`http://${process.env.DROVER_TEST_CONTROL}/phones/${serial}/rotate`, { method: 'POST', body: JSON.stringify({ rotation: 0 }) });
    const [asks = 0, unchanged = 0, frames = 0, bytes = 0] = after.map((value, at) => value - (before[at] ?? 0));
    return { tiles: watch.length, took, spent, asks, unchanged, frames, bytes };
  }

  const idle = await measured([], false);
  expect(idle.asks, 'nobody watches, nothing is asked').toBe(0);
  for (const [name, now] of [
    ['nobody watches', idle],
    ['still screens', await measured([120, 180, 240, 360], false)],
    ['moving screens', await measured([120, 180, 240, 360], true)],
  ] as const) {
    const seconds = Math.max(1, now.tiles) * now.took;
    const own = Math.max(0, now.spent - (idle.spent * now.took) / idle.took);
    console.log(
      `${name}: ${now.tiles} tiles for ${now.took.toFixed(0)} s: ${now.asks} asks, ${now.unchanged} unchanged, ${now.frames} pictures of ` +
        `${(now.bytes / Math.max(1, now.frames) / 1024).toFixed(1)} KiB; ${now.spent} ms of processor` +
        (now.tiles ? `, ${(own / seconds).toFixed(2)} ms and ${(now.bytes / seconds).toFixed(0)} bytes a tile and second` : '') +
        `; load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
});
