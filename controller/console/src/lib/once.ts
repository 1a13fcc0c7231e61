// A name for something that shall be done once, however often it has to be asked for: a lost answer is asked for again under
// the same name.

/** 32 letters that nobody else comes upon. Not `crypto.randomUUID`, which there is on https alone. */
export function onceName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
