// Which rows are chosen: by their ids, one by one, never "all that the filter shows".
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  readonly ids = new SvelteSet<number>();
  #last: number | undefined;

  get size(): number {
    return this.ids.size;
  }

  has(id: number): boolean {
    return this.ids.has(id);
  }

  /** With Shift: all from the one before to this one, of the rows that are shown. */
  toggle(id: number, shown: readonly number[], isRange: boolean) {
    const on = !this.ids.has(id);
    const from = isRange && this.#last !== undefined ? shown.indexOf(this.#last) : -1;
    const to = shown.indexOf(id);
    const range = from >= 0 && to >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of range) this.#set(one, on);
    this.#last = id;
  }

  /** All that are shown; none of them where all were chosen. */
  toggleAll(shown: readonly number[]) {
    const on = !this.hasAll(shown);
    for (const id of shown) this.#set(id, on);
  }

  hasAll(shown: readonly number[]): boolean {
    return shown.length > 0 && shown.every((id) => this.ids.has(id));
  }

  clear() {
    this.ids.clear();
  }

  list(): number[] {
    return [...this.ids];
  }

  #set(id: number, on: boolean) {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
  }
}
