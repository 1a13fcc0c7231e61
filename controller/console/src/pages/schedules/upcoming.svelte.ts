// What a draft would do: its next runs as one types, and what one run would create now. The controller is asked when the
// typing rests.
import { api, call, faultOf, isAbort, type Fault, type Schema } from '../../api/client';

const RESTS_MS = 250;
const COUNT = 5;

export class Upcoming {
  runs = $state.raw<Schema['MomentItem'][]>();
  fault = $state.raw<Fault>();

  constructor(timing: () => Record<string, unknown> | undefined) {
    asked(timing, async (body, signal) => {
      try {
        const answer = await call(api.POST('/api/v1/schedules/next', { body: { ...body, count: COUNT } as never, signal }));
        [this.runs, this.fault] = [answer.next_runs, undefined];
      } catch (error) {
        if (!isAbort(error)) [this.runs, this.fault] = [undefined, faultOf(error)];
      }
    }, () => ([this.runs, this.fault] = [undefined, undefined]));
  }
}

export class Would {
  create = $state.raw<Schema['CreatedTasks']>();
  fault = $state.raw<Fault>();

  constructor(task: () => Record<string, unknown> | undefined) {
    asked(task, async (body, signal) => {
      try {
        const answer = await call(api.POST('/api/v1/task', { body: { ...body, dry_run: true } as never, signal }));
        [this.create, this.fault] = [answer, undefined];
      } catch (error) {
        if (!isAbort(error)) [this.create, this.fault] = [undefined, faultOf(error)];
      }
    }, () => ([this.create, this.fault] = [undefined, undefined]));
  }
}

/** Asks for each new text of a body, when it rests; `none` where there is nothing to ask for. */
function asked(body: () => Record<string, unknown> | undefined, ask: (body: Record<string, unknown>, signal: AbortSignal) => Promise<void>, none: () => void) {
  const text = $derived.by(() => JSON.stringify(body() ?? null));
  $effect(() => {
    const now = JSON.parse(text) as Record<string, unknown> | null;
    if (now === null) {
      none();
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => void ask(now, abort.signal), RESTS_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  });
}
