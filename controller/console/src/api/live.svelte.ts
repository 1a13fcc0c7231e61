// What happens on the farm, as it happens: one stream for the whole console, which mends itself and says when it cannot.
import { UNREACHABLE, refused, type Schema } from './client';
import { session } from './session.svelte';
import { EventParser } from './sse';

export type Topic = 'device' | 'host' | 'account' | 'task' | 'attention' | 'import' | 'schedule' | 'material' | 'alert';
export type Told = { topic: Topic; data: Partial<Schema['EventData']> & { what: string } };
type Listener = { topics: readonly Topic[]; tell: (told: Told) => void; resync: () => void };

/** The controller sends something every 10 s. Who is silent for longer is gone. */
const SILENCE_MS = 25_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

class Live {
  state = $state<'connecting' | 'on' | 'lost'>('connecting');
  /** When it is tried again, by this machine's clock. */
  retryAt = $state(0);
  #listeners = new Set<Listener>();
  #lastId = '';
  #pause = FIRST_PAUSE_MS;
  #wake: (() => void) | undefined;
  #started = false;
  #abort: AbortController | undefined;

  start() {
    if (this.#started) return;
    this.#started = true;
    addEventListener('online', () => this.retryNow());
    void this.#run();
  }

  /** Tells of events of these topics; `resync` where some may have been missed. */
  listen(topics: readonly Topic[], tell: (told: Told) => void, resync: () => void): () => void {
    const listener = { topics, tell, resync };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  retryNow() {
    this.#wake?.();
  }

  /** Another token: the stream is asked for anew. */
  renew() {
    this.#pause = FIRST_PAUSE_MS;
    this.#abort?.abort();
    this.retryNow();
  }

  async #run() {
    for (;;) {
      try {
        await this.#read();
      } catch {
        // Whatever ended it, it is tried again below.
      }
      this.state = 'lost';
      const pause = this.#pause * (0.75 + Math.random() / 2);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
      this.retryAt = Date.now() + pause;
      await new Promise<void>((done) => {
        const timer = setTimeout(done, pause);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  async #read() {
    const abort = new AbortController();
    this.#abort = abort;
    let watch = setTimeout(() => abort.abort(), SILENCE_MS);
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' };
      if (session.token) headers['authorization'] = `Bearer ${session.token}`;
      if (this.#lastId) headers['last-event-id'] = this.#lastId;
      const response = await fetch('/api/v1/events', { headers, signal: abort.signal, cache: 'no-store' });
      if (!response.ok || !response.body || !response.headers.get('content-type')?.includes('event-stream')) {
        const told = await response.json().catch(() => null);
        throw refused(told?.code ?? UNREACHABLE, told?.message ?? '');
      }
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      this.#opened();
      const parser = new EventParser();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        heard();
        for (const event of parser.push(value)) this.#take(event.id, event.event, event.data);
      }
    } finally {
      clearTimeout(watch);
      abort.abort();
    }
  }

  #opened() {
    const again = this.state === 'lost';
    this.state = 'on';
    this.#pause = FIRST_PAUSE_MS;
    // What was missed comes by its ids, or as "missed"; lists are read again all the same: a restart changes more.
    if (again) this.#resync();
  }

  #resync() {
    for (const listener of this.#listeners) listener.resync();
  }

  #take(id: string, topic: string, text: string) {
    if (id) this.#lastId = id;
    let data;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    if (data.what === 'missed') {
      this.#resync();
      return;
    }
    const told = { topic: topic as Topic, data };
    for (const listener of this.#listeners) {
      if (listener.topics.includes(told.topic)) listener.tell(told);
    }
  }
}

export const live = new Live();
