// A phone's screen as uiautomator tells it: what lies where, so that a person can point at it.

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface Thing extends Box {
  id: string;
  text: string;
  desc: string;
  class: string;
  package: string;
  clickable: boolean;
}

/** A screen on which nothing is. */
export const NOTHING = '<hierarchy rotation="0"><node bounds="[0,0][0,0]"/></hierarchy>';

export function things(xml: string): Thing[] {
  const nodes = new DOMParser().parseFromString(xml, 'application/xml').querySelectorAll('node');
  return [...nodes].flatMap((node) => {
    const bounds = /^\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]$/.exec(node.getAttribute('bounds') ?? '');
    const [left = 0, top = 0, right = 0, bottom = 0] = bounds?.slice(1).map(Number) ?? [];
    if (!bounds || right <= left || bottom <= top) return [];
    const of = (name: string) => node.getAttribute(name) ?? '';
    return [
      {
        ...{ left, top, right, bottom },
        id: of('resource-id'),
        text: of('text'),
        desc: of('content-desc'),
        class: of('class'),
        package: of('package'),
        clickable: of('clickable') === 'true',
      },
    ];
  });
}

/** What a person means who points there: the smallest thing with a name of its own, else the smallest. */
export function at(all: Thing[], x: number, y: number): Thing | undefined {
  const there = all.filter((one) => x >= one.left && x < one.right && y >= one.top && y < one.bottom);
  const size = (one: Thing) => (one.right - one.left) * (one.bottom - one.top);
  // Of equal ones the one that lies on top, which comes last.
  const smallest = there.reverse().sort((a, b) => size(a) - size(b));
  const named = smallest.find((one) => one.text !== '' || one.desc !== '' || (one.id !== '' && one.clickable));
  return named ?? smallest[0];
}

/** What would find it again: its text or description, else its id; with its class. */
export function alternativeFor(one: Thing): Record<string, string> {
  const name = one.class.split('.').at(-1) ?? '';
  const kind: Record<string, string> = name ? { class: name } : {};
  if (one.text) return { text: one.text, ...kind };
  if (one.desc) return { desc: one.desc, ...kind };
  // Android's own ids are written whole.
  if (one.id) return { id: one.id.startsWith('android:') ? one.id : one.id.replace(/^[^:]*:id\//, '') };
  return kind;
}
