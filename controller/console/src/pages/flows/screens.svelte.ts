// The screen on which an element is looked for: a phone's now, or the one that a failed task left.
import { faultOf, file, type Fault } from '../../api/client';
import { NOTHING } from '../../lib/hierarchy';

export interface From {
  serial?: string;
  task?: number;
  attempt?: number;
}

export class Seen {
  xml = $state.raw(NOTHING);
  picture = $state('');
  busy = $state(false);
  fault = $state.raw<Fault>();
  from = $state.raw<From>({});
  #made = '';

  /** Reads the tree first and the picture right after it. */
  async look(from: From, files: { xml: string; picture: string }) {
    this.from = from;
    this.busy = true;
    this.fault = undefined;
    try {
      const xml = await (await file(files.xml)).text();
      const shot = files.picture ? await file(files.picture).catch(() => null) : null;
      if (this.from !== from) return;
      this.#forget();
      this.xml = xml;
      this.picture = this.#made = shot ? URL.createObjectURL(shot) : '';
    } catch (error) {
      if (this.from === from) this.fault = faultOf(error);
    } finally {
      if (this.from === from) this.busy = false;
    }
  }

  phone(serial: string) {
    const path = `/api/v1/devices/${encodeURIComponent(serial)}`;
    return this.look({ serial }, { xml: `${path}/hierarchy`, picture: `${path}/screenshot?max=1280` });
  }

  task(task: number, attempt: number) {
    const path = `/api/v1/task/${task}/artifacts/${attempt}`;
    return this.look({ task, attempt }, { xml: `${path}/hierarchy.xml`, picture: `${path}/screen.png` });
  }

  #forget() {
    if (this.#made) URL.revokeObjectURL(this.#made);
    this.#made = '';
  }

  end() {
    this.#forget();
  }
}
