// A list of any length, of which only the pages are read that somebody looks at.
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import { pagesOf, type Span } from '../lib/window';
import { faultOf, isAbort, type Fault } from './client';
import { live, type Topic } from './live.svelte';

export const PAGE = 100;
/** Between two readings that events ask for. */
const REST_MS = 1000;

export interface Part<T> {
  rows: T[];
  total: number;
}

export class Pages<T> {
  total = $state<number>();
  fault = $state.raw<Fault>();
  #pages = new SvelteMap<number, T[]>();
  #asked = new Map<number, AbortController>();
  #ask: (page: number, signal: AbortSignal) => Promise<Part<T>>;
  #span: Span = { from: 0, to: 1 };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `key` changes with what is asked for: then all is read anew, from the first row on. */
  constructor(key: () => string, ask: (page: number, signal: AbortSignal) => Promise<Part<T>>, topics: readonly Topic[], changed: () => void) {
    this.#ask = ask;
    $effect(() => {
      key();
      untrack(() => {
        changed();
        this.#forget();
        this.#span = { from: 0, to: 1 };
        this.#read();
      });
      return () => this.#stop();
    });
    $effect(() =>
      untrack(() => {
        const end = live.listen(topics, () => this.#soon(), () => this.reload());
        return () => {
          clearTimeout(this.#timer);
          end();
        };
      }),
    );
  }

  row(at: number): T | undefined {
    return this.#pages.get(Math.floor(at / PAGE) + 1)?.[at % PAGE];
  }

  /** Those that are here, in order. */
  rows(): T[] {
    return [...this.#pages.entries()].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  }

  /** Somebody looks at these rows. */
  look(span: Span) {
    this.#span = span;
    this.#read();
  }

  /** One row is another now: it was just changed. */
  put(isIt: (row: T) => boolean, row: T) {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex(isIt);
      if (at >= 0) this.#pages.set(page, rows.with(at, row));
    }
  }

  /** Reads again what is looked at; the rest is read when it is looked at. */
  reload() {
    this.#stop();
    const wanted = pagesOf(this.#span, PAGE);
    for (const page of [...this.#pages.keys()]) if (!wanted.includes(page)) this.#pages.delete(page);
    for (const page of wanted.length ? wanted : [1]) void this.#load(page);
  }

  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // What is on its way comes in first, however slow the line is: else nothing ever would while events keep coming.
      if (this.#asked.size > 0) this.#soon();
      else this.reload();
    }, REST_MS);
  }

  #stop() {
    for (const abort of this.#asked.values()) abort.abort();
    this.#asked.clear();
  }

  #forget() {
    this.#stop();
    // How many there were stays until it is known how many there are: the table does not come and go.
    this.#pages.clear();
  }

  #read() {
    for (const page of pagesOf(this.#span, PAGE)) {
      if (!this.#pages.has(page) && !this.#asked.has(page)) void this.#load(page);
    }
  }

  async #load(page: number) {
    const abort = new AbortController();
    this.#asked.set(page, abort);
    try {
      const part = await this.#ask(page, abort.signal);
      if (abort.signal.aborted) return;
      this.#pages.set(page, part.rows);
      this.total = part.total;
      this.fault = undefined;
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) this.fault = faultOf(error);
    } finally {
      if (this.#asked.get(page) === abort) this.#asked.delete(page);
    }
  }
}
