// Keys of this keyboard that have a number on a phone's; what is typed goes as text.

const NUMBERS: Record<string, number> = {
  Enter: 66,
  Backspace: 67,
  Delete: 112,
  Escape: 4,
  ArrowUp: 19,
  ArrowDown: 20,
  ArrowLeft: 21,
  ArrowRight: 22,
  Home: 122,
  End: 123,
  PageUp: 92,
  PageDown: 93,
};

export type Pressed = { text: string } | { code: number };

/** `undefined` for what stays here: Tab leaves the phone, and shortcuts are the browser's. */
export function pressed(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'isComposing'>): Pressed | undefined {
  if (event.isComposing || event.metaKey) return undefined;
  const isText = [...event.key].length === 1;
  // Alt and Ctrl together are AltGr on some keyboards.
  if (event.ctrlKey !== event.altKey) return undefined;
  if (isText) return { text: event.key };
  const code = NUMBERS[event.key];
  return code === undefined ? undefined : { code };
}
