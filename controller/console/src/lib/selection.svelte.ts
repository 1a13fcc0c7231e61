// Which rows are chosen: by their ids, one by one, never "all that the filter shows".
import { SvelteSet } from 'svelte/reactivity';

export class Selection<T = number> {
  readonly ids = new SvelteSet<T>();
  #last: T | undefined;

  get size(): number {
    return this.ids.size;
  }

  has(id: T): boolean {
    return this.ids.has(id);
  }

  /** With Shift: all from the one before to this one, of the rows that are shown. */
  toggle(id: T, shown: readonly T[], isRange: boolean) {
    const on = !this.ids.has(id);
    const from = isRange && this.#last !== undefined ? shown.indexOf(this.#last) : -1;
    const to = shown.indexOf(id);
    const range = from >= 0 && to >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of range) this.#set(one, on);
    this.#last = id;
  }

  /** All that are shown; none of them where all were chosen. */
  toggleAll(shown: readonly T[]) {
    const on = !this.hasAll(shown);
    for (const id of shown) this.#set(id, on);
  }

  hasAll(shown: readonly T[]): boolean {
    return shown.length > 0 && shown.every((id) => this.ids.has(id));
  }

  /** Tells the rows that are chosen, also those that `rows` no longer has: what is shown comes and goes, what was chosen stays. */
  follow<R>(rows: () => readonly R[], id: (row: R) => T): () => R[] {
    const seen = new Map<T, R>();
    return () => {
      for (const row of rows()) if (this.has(id(row))) seen.set(id(row), row);
      return this.list().flatMap((one) => seen.get(one) ?? []);
    };
  }

  clear() {
    this.ids.clear();
  }

  list(): T[] {
    return [...this.ids];
  }

  #set(id: T, on: boolean) {
    if (on) this.ids.add(id);
    else this.ids.delete(id);
  }
}
