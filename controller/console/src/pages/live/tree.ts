// The nodes of a screen as a tree that can be folded, and the one that lies under a point.

export interface Shape {
  parent?: number | null;
  bounds: number[];
}

export interface Row {
  index: number;
  level: number;
  hasChildren: boolean;
}

/** What is shown of the tree, in order, where these are folded. */
export function rows(nodes: readonly Shape[], folded: ReadonlySet<number>): Row[] {
  const levels: number[] = [];
  const hidden = new Set<number>();
  const parents = new Set<number>();
  for (const node of nodes) if (node.parent !== null && node.parent !== undefined) parents.add(node.parent);
  const shown: Row[] = [];
  nodes.forEach((node, index) => {
    const parent = node.parent ?? undefined;
    levels.push(parent === undefined ? 1 : (levels[parent] ?? 0) + 1);
    if (parent !== undefined && (hidden.has(parent) || folded.has(parent))) hidden.add(index);
    else shown.push({ index, level: levels[index] ?? 1, hasChildren: parents.has(index) });
  });
  return shown;
}

/** The smallest node there; of two of a size the one that is drawn later. */
export function under(nodes: readonly Shape[], x: number, y: number): number | undefined {
  let best: number | undefined;
  let least = Infinity;
  nodes.forEach(({ bounds: [left = 0, top = 0, right = 0, bottom = 0] }, index) => {
    if (x < left || x >= right || y < top || y >= bottom) return;
    const area = (right - left) * (bottom - top);
    if (area <= least) {
      least = area;
      best = index;
    }
  });
  return best;
}

/** Its ancestors, which must be unfolded for it to be seen. */
export function above(nodes: readonly Shape[], index: number): number[] {
  const all: number[] = [];
  for (let at = nodes[index]?.parent; at !== null && at !== undefined; at = nodes[at]?.parent) all.push(at);
  return all;
}
