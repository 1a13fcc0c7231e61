// Something that was read from the controller, is read again when what it depends on changes or the farm tells of a
// change, and keeps what it had meanwhile.
import { untrack } from 'svelte';
import { faultOf, isAbort, type Fault } from './client';
import { live, type Told, type Topic } from './live.svelte';

/** What tasks say on their way: of interest where one of them is shown, and there it is asked for by `take`. */
const ON_THE_WAY = new Set(['task_progress', 'task_log', 'task_file']);

/** Between two readings that events ask for. */
const REST_MS = 700;

export class Loaded<T> {
  value = $state.raw<T>();
  fault = $state.raw<Fault>();
  busy = $state(false);
  #ask: (signal: AbortSignal) => Promise<T>;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The reading that is on its way. */
  #reading: Promise<void> = Promise.resolve();
  #readAt = 0;
  #isOver = false;

  /**
   * To be made while a component is: it ends with it. What `ask` reads of state before its first await is followed.
   * `take` may use an event at once; where it answers true, nothing is read again.
   */
  constructor(ask: (signal: AbortSignal) => Promise<T>, topics: readonly Topic[] = [], take?: (told: Told) => boolean) {
    this.#ask = ask;
    $effect(() => {
      this.#reading = this.#read();
      return () => this.#abort?.abort();
    });
    $effect(() =>
      untrack(() => {
        const tell = (told: Told) => {
          const isTaken = take ? take(told) : ON_THE_WAY.has(told.data.what);
          if (!isTaken) this.#soon();
        };
        const end = live.listen(topics, tell, () => this.reload());
        return () => {
          clearTimeout(this.#timer);
          this.#isOver = true;
          end();
        };
      }),
    );
  }

  reload(): Promise<void> {
    return (this.#reading = untrack(() => this.#read()));
  }

  #soon() {
    if (this.#timer !== undefined) return;
    const wait = Math.max(60, this.#readAt + REST_MS - Date.now());
    this.#timer = setTimeout(async () => {
      // One that is on its way comes in first, however slow the line is: else none ever would while events keep coming.
      await this.#reading;
      if (this.#isOver) return;
      this.#timer = undefined;
      void this.reload();
    }, wait);
  }

  async #read() {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.#readAt = Date.now();
    const asked = this.#ask(abort.signal);
    untrack(() => (this.busy = true));
    try {
      const value = await asked;
      if (abort.signal.aborted) return;
      this.value = value;
      this.fault = undefined;
    } catch (error) {
      if (abort.signal.aborted || isAbort(error)) return;
      this.fault = faultOf(error);
    } finally {
      if (this.#abort === abort) this.busy = false;
    }
  }
}
