// The phones' screens as they are now: one connection for the whole console, on which it says what can be seen. It mends
// itself; where there is none to be had, single pictures are asked for.
import { frameOf, type Frame } from '../lib/frame';
import { faultOf, file, isAbort } from './client';
import { session } from './session.svelte';

export interface Wish {
  serial: string;
  /** The longer side in pixels. */
  max: number;
  /** Pictures a second, 1 to 4. */
  rate: number;
}

export interface Viewer {
  /** Shows a picture; it belongs to the viewer, who closes it. */
  show: (picture: ImageBitmap) => void;
  /** How the phone is: online, offline, …, no_picture; and why. */
  tell: (state: string, reason: string) => void;
}

interface Tile {
  stream: number;
  wish: Wish;
  viewer: Viewer;
  /** Being unpacked, and the one that came meanwhile. */
  busy: boolean;
  next: Frame | undefined;
  /** Unpacked, and not shown yet. */
  ready: ImageBitmap | undefined;
  single: AbortController | undefined;
}

const PATH = '/api/v1/devices/live';
const PROTOCOL = 'drover.live.1';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Attempts without success after which single pictures are asked for; the connection is tried further. */
const ENOUGH = 2;
/** Who scrolls asks for many tiles at once: they go in one message. */
const GATHER_MS = 60;
/** The connection is kept so long for a page that is looked at again. */
const LINGER_MS = 4_000;
/** Pictures that are put on the page between two of its own; the rest wait for the next. */
const SHOWN_AT_ONCE = 12;

class Frames {
  state = $state<'off' | 'connecting' | 'on' | 'single'>('off');
  #tiles = new Map<number, Tile>();
  #next = 1;
  #socket: WebSocket | undefined;
  #failed = 0;
  #pause = FIRST_PAUSE_MS;
  #again: ReturnType<typeof setTimeout> | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #gather: ReturnType<typeof setTimeout> | undefined;
  /** What the controller has not been told yet. */
  #toWatch = new Set<number>();
  #toUnwatch = new Set<number>();
  #drawing = false;

  constructor() {
    document.addEventListener('visibilitychange', () => this.#follow());
  }

  /** Watches a phone until the answer is called. */
  watch(wish: Wish, viewer: Viewer): () => void {
    const stream = this.#next++;
    const tile: Tile = { stream, wish, viewer, busy: false, next: undefined, ready: undefined, single: undefined };
    this.#tiles.set(stream, tile);
    this.#toWatch.add(stream);
    this.#follow();
    if (this.state === 'single') this.#look(tile);
    return () => {
      this.#tiles.delete(stream);
      tile.single?.abort();
      tile.ready?.close();
      tile.ready = undefined;
      // What the controller never heard of need not be taken back.
      if (!this.#toWatch.delete(stream)) this.#toUnwatch.add(stream);
      this.#follow();
    };
  }

  /** Another token, or nobody any more: the connection is made anew. */
  renew() {
    this.#failed = 0;
    this.#close();
    this.#follow();
  }

  /** Does what is due now that something has changed. */
  #follow() {
    const wanted = this.#tiles.size > 0 && !document.hidden;
    if (!wanted) {
      this.#linger ??= setTimeout(() => this.#close(), LINGER_MS);
      // A page that nobody sees watches nothing, at once.
      if (document.hidden) this.#unwatchAll();
    } else {
      clearTimeout(this.#linger);
      this.#linger = undefined;
      if (!this.#socket && this.#again === undefined) this.#open();
      if (this.#socket?.readyState === WebSocket.OPEN) this.#watchAgain();
    }
    this.#gather ??= setTimeout(() => this.#send(), GATHER_MS);
  }

  #hidden = false;

  #unwatchAll() {
    this.#hidden = true;
    for (const stream of this.#tiles.keys()) if (!this.#toWatch.has(stream)) this.#toUnwatch.add(stream);
    for (const tile of this.#tiles.values()) tile.single?.abort();
  }

  #watchAgain() {
    if (!this.#hidden) return;
    this.#hidden = false;
    for (const stream of this.#tiles.keys()) this.#toWatch.add(stream);
    this.#toUnwatch.clear();
  }

  #send() {
    this.#gather = undefined;
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    const unwatch = [...this.#toUnwatch];
    this.#toUnwatch.clear();
    const watch = [];
    if (!this.#hidden) {
      for (const stream of this.#toWatch) {
        const tile = this.#tiles.get(stream);
        if (tile) watch.push({ stream, ...tile.wish });
      }
      this.#toWatch.clear();
    }
    if (watch.length || unwatch.length) socket.send(JSON.stringify({ watch, unwatch }));
  }

  #open() {
    if (this.state !== 'single') this.state = 'connecting';
    const url = new URL(PATH, location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    const offers = session.token ? [PROTOCOL, `bearer.${session.token}`] : [PROTOCOL];
    const socket = new WebSocket(url, offers);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      this.#failed = 0;
      this.#pause = FIRST_PAUSE_MS;
      this.state = 'on';
      this.#hidden = false;
      for (const tile of this.#tiles.values()) {
        tile.single?.abort();
        this.#toWatch.add(tile.stream);
      }
      this.#toUnwatch.clear();
      this.#send();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#hear(data);
      else this.#take(data as ArrayBuffer);
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #lost() {
    this.#socket = undefined;
    this.#failed++;
    if (this.#tiles.size === 0 || document.hidden) {
      this.state = 'off';
      return;
    }
    if (this.#failed >= ENOUGH) {
      this.state = 'single';
      for (const tile of this.#tiles.values()) this.#look(tile);
    } else {
      this.state = 'connecting';
    }
    const pause = this.#pause * (0.75 + Math.random() / 2);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#follow();
    }, pause);
  }

  #close() {
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#linger = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.state = 'off';
    for (const tile of this.#tiles.values()) tile.single?.abort();
  }

  #hear(text: string) {
    let told;
    try {
      told = JSON.parse(text);
    } catch {
      return;
    }
    if (told.what === 'state') this.#tiles.get(told.stream)?.viewer.tell(told.state, told.reason ?? '');
    // A refusal is this console's own mistake: nothing that a person could do about it.
    else if (told.what === 'refused') console.warn(told.message);
  }

  #take(bytes: ArrayBuffer) {
    const frame = frameOf(bytes);
    const tile = frame && this.#tiles.get(frame.stream);
    if (!frame || !tile) return;
    if (tile.busy) tile.next = frame;
    else void this.#unpack(tile, frame);
  }

  async #unpack(tile: Tile, frame: Frame) {
    tile.busy = true;
    let now: Frame | undefined = frame;
    while (now) {
      try {
        const picture = await createImageBitmap(new Blob([now.picture], { type: now.type }));
        this.#ready(tile, picture);
      } catch {
        // A picture that cannot be unpacked: the next one comes.
      }
      now = tile.next;
      tile.next = undefined;
    }
    tile.busy = false;
  }

  #ready(tile: Tile, picture: ImageBitmap) {
    if (!this.#tiles.has(tile.stream)) return picture.close();
    tile.ready?.close();
    tile.ready = picture;
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#draw());
  }

  /** Puts some of what waits on the page, so that a wall of pictures does not hold up who scrolls. */
  #draw() {
    let left = SHOWN_AT_ONCE;
    let more = false;
    for (const tile of this.#tiles.values()) {
      if (!tile.ready) continue;
      if (left-- <= 0) {
        more = true;
        break;
      }
      const picture = tile.ready;
      tile.ready = undefined;
      tile.viewer.show(picture);
    }
    this.#drawing = more;
    if (more) requestAnimationFrame(() => this.#draw());
  }

  /** Asks for single pictures, one after the other, until there is a connection again or nobody looks. */
  #look(tile: Tile) {
    if (tile.single && !tile.single.signal.aborted) return;
    const abort = new AbortController();
    tile.single = abort;
    const path = `/api/v1/devices/${encodeURIComponent(tile.wish.serial)}/screenshot?max=${tile.wish.max}`;
    const look = async () => {
      if (abort.signal.aborted) return;
      let wait = 1000 / tile.wish.rate;
      try {
        const picture = await createImageBitmap(await file(path, abort.signal));
        tile.viewer.tell('online', '');
        this.#ready(tile, picture);
      } catch (error) {
        if (isAbort(error)) return;
        tile.viewer.tell('no_picture', faultOf(error).message);
        wait *= 5;
      }
      setTimeout(look, wait);
    };
    void look();
  }
}

export const frames = new Frames();
