// From a place on a picture to a place on a phone's screen, and from a movement to what it means there.

export interface Point {
  x: number;
  y: number;
}

export interface Frame {
  width: number;
  height: number;
}

/** A picture that is fitted into a box and centred has bars at two sides; on them there is no screen. */
export function onScreen(at: Point, box: Frame, screen: Frame): Point | undefined {
  const scale = Math.min(box.width / screen.width, box.height / screen.height);
  if (!(scale > 0)) return undefined;
  const x = (at.x - (box.width - screen.width * scale) / 2) / scale;
  const y = (at.y - (box.height - screen.height * scale) / 2) / scale;
  if (x < 0 || y < 0 || x >= screen.width || y >= screen.height) return undefined;
  return { x: Math.floor(x), y: Math.floor(y) };
}

export type Touch =
  | { type: 'tap'; x: number; y: number }
  | { type: 'long_press'; x: number; y: number }
  | { type: 'swipe'; x1: number; y1: number; x2: number; y2: number; duration_ms: number };

/** Further than this, as a part of the screen's width, and it is a swipe. */
const STILL = 0.03;
const LONG_MS = 500;

export function meant(from: Point, to: Point, ms: number, screen: Frame): Touch {
  if (Math.hypot(to.x - from.x, to.y - from.y) > screen.width * STILL) {
    return { type: 'swipe', x1: from.x, y1: from.y, x2: to.x, y2: to.y, duration_ms: Math.min(Math.max(Math.round(ms), 80), 2000) };
  }
  return { type: ms >= LONG_MS ? 'long_press' : 'tap', ...from };
}
