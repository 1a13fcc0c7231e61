// A sheet on its way: sent, compared, applied, taken back; how far it is at each step and what came of it.
import { Fault, api, call, faultOf, refused, type Schema } from '../../api/client';
import { live } from '../../api/live.svelte';
import { session } from '../../api/session.svelte';
import { query, type Options } from './options';

export type Import = Schema['Import'];

const OVER = ['done', 'refused', 'failed', 'dropped', 'undone'];
/** Where no event comes, it is asked how far it is. */
const ASKED_EVERY_MS = 1500;
const TYPES: Record<string, string> = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xlsm: 'application/vnd.ms-excel.sheet.macroenabled.12',
  xls: 'application/vnd.ms-excel',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
};

export class Job {
  file = $state.raw<File>();
  /** What it does now. */
  step = $state<'sending' | 'checking' | 'applying' | 'undoing'>();
  /** How much of the file is sent, from 0 to 1. */
  share = $state(0);
  /** The dry run. */
  would = $state.raw<Import>();
  /** What was done. */
  done = $state.raw<Import>();
  fault = $state.raw<Fault>();
  /** Rows of the step that is on. */
  progress = $state.raw<Schema['Progress']>();
  #again: Options | undefined;

  get busy(): boolean {
    return this.step !== undefined;
  }

  /** Another sheet, or other options of the same one: what it would do. While one is on its way the next one waits. */
  async check(file: File | undefined, options: Options) {
    this.file = file;
    if (this.busy) {
      this.#again = options;
      return;
    }
    this.would = this.done = undefined;
    if (!file) return;
    await this.#step('sending', async () => {
      const would = await this.#ended(await this.#send(file, options, true));
      if (!this.#again) this.would = would;
    });
    const again = this.#again;
    this.#again = undefined;
    if (again) await this.check(this.file, again);
  }

  async apply(options: Options) {
    const file = this.file;
    if (!file || this.busy) return;
    await this.#step('applying', async () => {
      const done = await this.#ended(await this.#send(file, options, false));
      if (done.state === 'done') this.done = done;
      // Something has changed since the dry run: what is wrong now is shown in its place.
      else this.would = done;
    });
  }

  async undo(id: number) {
    if (this.busy) return;
    await this.#step('undoing', async () => {
      const asked = await call(api.POST('/api/v1/accounts/imports/{id}/undo', { params: { path: { id } } }));
      this.done = await this.#ended(asked);
      this.would = undefined;
    });
  }

  async #step(step: 'sending' | 'applying' | 'undoing', work: () => Promise<void>) {
    this.step = step;
    this.share = 0;
    this.fault = this.progress = undefined;
    try {
      await work();
    } catch (error) {
      this.fault = faultOf(error);
    } finally {
      this.step = undefined;
    }
  }

  /** Waits until an import is over. */
  #ended(first: Import): Promise<Import> {
    this.progress = first.progress;
    if (OVER.includes(first.state)) return Promise.resolve(first);
    return new Promise((done, failed) => {
      let isAsking = false;
      const look = async () => {
        if (isAsking) return;
        isAsking = true;
        try {
          const now = await call(api.GET('/api/v1/accounts/imports/{id}', { params: { path: { id: first.id } } }));
          this.progress = now.progress;
          if (OVER.includes(now.state)) end(() => done(now));
        } catch (error) {
          const fault = faultOf(error);
          // Without the controller it is waited for.
          if (fault.code !== 0) end(() => failed(fault));
        } finally {
          isAsking = false;
        }
      };
      const timer = setInterval(look, ASKED_EVERY_MS);
      const listening = live.listen(
        ['import'],
        ({ data }) => {
          if (data.id === first.id) void look();
        },
        () => void look(),
      );
      const end = (then: () => void) => {
        clearInterval(timer);
        listening();
        then();
      };
    });
  }

  /** By XMLHttpRequest, for `fetch` does not say how much is sent. */
  #send(file: File, options: Options, isDry: boolean): Promise<Import> {
    const asked = query(options);
    if (isDry) asked.set('dry_run', 'true');
    const end = file.name.split('.').at(-1)?.toLowerCase() ?? '';
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open('POST', `/api/v1/accounts/import?${asked}`);
      request.setRequestHeader('content-type', TYPES[end] ?? 'application/octet-stream');
      if (session.token) request.setRequestHeader('authorization', `Bearer ${session.token}`);
      request.upload.onprogress = (event) => {
        if (event.lengthComputable) this.share = event.loaded / event.total;
        if (this.share === 1 && isDry) this.step = 'checking';
      };
      request.onerror = () => failed(new Fault(0, ''));
      request.onload = () => {
        let told;
        try {
          told = JSON.parse(request.responseText);
        } catch {
          failed(new Fault(request.status, `HTTP ${request.status}`));
          return;
        }
        // A sheet that is refused is answered with its report.
        if (told.code === 0 || told.data?.report) done(told.data);
        else failed(refused(told.code, told.message));
      };
      request.send(file);
    });
  }
}
