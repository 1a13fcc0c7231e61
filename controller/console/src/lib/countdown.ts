// How long a code is still good: by this machine's clock since it came, so that a wrong one here does not matter.

export class Countdown {
  readonly #end: number;

  constructor(
    readonly seconds: number,
    now: number,
  ) {
    this.#end = now + seconds * 1000;
  }

  /** Whole seconds, 0 when it is over. */
  left(now: number): number {
    return Math.max(0, Math.ceil((this.#end - now) / 1000));
  }

  /** From 1 down to 0. */
  share(now: number, whole: number): number {
    return Math.min(1, Math.max(0, (this.#end - now) / (whole * 1000)));
  }
}
