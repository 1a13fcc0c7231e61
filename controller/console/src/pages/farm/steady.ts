// The list of phones is read again many times a minute, and little of it has changed: what has not stays the same object,
// so that its tile is not drawn anew.

export class Steady<T extends { serial: string }> {
  #known = new Map<string, { text: string; value: T }>();

  of(values: readonly T[]): T[] {
    const known = new Map<string, { text: string; value: T }>();
    const same = values.map((value) => {
      const text = JSON.stringify(value, leaveOut);
      const before = this.#known.get(value.serial);
      const kept = before?.text === text ? before : { text, value };
      known.set(value.serial, kept);
      return kept.value;
    });
    this.#known = known;
    return same;
  }
}

/** When a fact was read changes all the time, and no tile shows it. */
function leaveOut(name: string, value: unknown): unknown {
  return name === 'at' || name === 'last_seen' ? undefined : value;
}
