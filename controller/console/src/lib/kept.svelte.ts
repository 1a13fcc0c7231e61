// What a person chose and finds again: kept in the browser, where that is allowed.

export class Kept<T> {
  #value = $state.raw<T>() as T;
  readonly #key: string;

  constructor(key: string, usual: T, isGood: (value: unknown) => value is T) {
    this.#key = `drover.${key}`;
    this.#value = usual;
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? 'null');
      if (isGood(kept)) this.#value = kept;
    } catch {
      // Nothing, or nothing that can be read: the usual one.
    }
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // It is forgotten with the page.
    }
  }
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
