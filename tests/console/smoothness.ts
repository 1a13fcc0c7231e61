// How smoothly a page goes while something is done to it: every frame is timed, and what held the page up is kept.
import type { Page } from '@playwright/test';

export interface Smoothness {
  frames: number;
  /** Milliseconds from frame to frame. */
  p50: number;
  p95: number;
  p99: number;
  longest: number;
  /** What held the page up for more than 50 ms, as the browser tells it. */
  stalls: number[];
}

declare global {
  interface Window {
    drover?: { frames: number[]; stalls: number[]; on: boolean };
  }
}

/** To be called before the page is opened. */
export async function timed(page: Page) {
  await page.addInitScript(() => {
    window.drover = { frames: [], stalls: [], on: false };
    new PerformanceObserver((list) => {
      if (window.drover?.on) window.drover.stalls.push(...list.getEntries().map((entry) => Math.round(entry.duration)));
    }).observe({ type: 'longtask' });
    let last = performance.now();
    const tick = (now: number) => {
      if (window.drover?.on) window.drover.frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
}

export async function during(page: Page, act: () => Promise<unknown>): Promise<Smoothness> {
  await page.evaluate(() => Object.assign(window.drover ?? {}, { frames: [], stalls: [], on: true }));
  await act();
  // The last frames, and what the browser tells late.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const { frames, stalls } = await page.evaluate(() => {
    const told = { frames: window.drover?.frames ?? [], stalls: window.drover?.stalls ?? [] };
    Object.assign(window.drover ?? {}, { on: false });
    return told;
  });
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number) => Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
  return { frames: frames.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1), stalls: stalls.sort((a, b) => b - a) };
}

export function told(name: string, smooth: Smoothness): string {
  const { frames, p50, p95, p99, longest, stalls } = smooth;
  return `${name.padEnd(34)} ${String(frames).padStart(5)} frames  p50 ${p50}  p95 ${p95}  p99 ${p99}  longest ${longest} ms  stalls over 50 ms: ${stalls.length ? stalls.slice(0, 5).join(', ') : 'none'}`;
}
