// What differs between two texts, line by line, with a few lines around it.

export interface Line {
  sign: ' ' | '+' | '-';
  text: string;
  /** Its number before, or after where it is new. */
  number: number;
}

/** More lines than this on a side are shown as taken away and put there as a whole. */
const MOST = 2_000;

/** The lines to show; `null` stands for lines left out. */
export function diff(before: string, after: string, around = 3): (Line | null)[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const lines: Line[] = old.slice(0, head).map((text, at) => ({ sign: ' ', text, number: at + 1 }));
  lines.push(...middle(old.slice(head, old.length - tail), now.slice(head, now.length - tail), head));
  const rest = old.slice(old.length - tail);
  lines.push(...rest.map((text, at): Line => ({ sign: ' ', text, number: old.length - tail + at + 1 })));
  return near(lines, around);
}

function middle(old: string[], now: string[], offset: number): Line[] {
  const gone = (at: number): Line => ({ sign: '-', text: old[at] ?? '', number: offset + at + 1 });
  const come = (at: number): Line => ({ sign: '+', text: now[at] ?? '', number: offset + at + 1 });
  if (old.length > MOST || now.length > MOST) return [...old.map((_, at) => gone(at)), ...now.map((_, at) => come(at))];
  // The longest lines in common, from each place to the end.
  const width = now.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let a = old.length - 1; a >= 0; a--) {
    for (let b = now.length - 1; b >= 0; b--) {
      const longest = Math.max(common[(a + 1) * width + b] ?? 0, common[a * width + b + 1] ?? 0);
      common[a * width + b] = old[a] === now[b] ? (common[(a + 1) * width + b + 1] ?? 0) + 1 : longest;
    }
  }
  const lines: Line[] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < now.length) {
    if (a < old.length && b < now.length && old[a] === now[b]) {
      lines.push({ sign: ' ', text: old[a] ?? '', number: offset + a + 1 });
      a++;
      b++;
    } else if (a < old.length && (b === now.length || (common[(a + 1) * width + b] ?? 0) >= (common[a * width + b + 1] ?? 0))) {
      lines.push(gone(a++));
    } else {
      lines.push(come(b++));
    }
  }
  return lines;
}

function near(lines: Line[], around: number): (Line | null)[] {
  const shown: (Line | null)[] = [];
  const changes = lines.flatMap((line, at) => (line.sign === ' ' ? [] : [at]));
  let next = 0;
  for (const [at, line] of lines.entries()) {
    while (next < changes.length && (changes[next] ?? 0) + around < at) next++;
    const change = changes[next];
    if (change !== undefined && change - around <= at) shown.push(line);
    else if (shown.length > 0 && shown.at(-1) !== null) shown.push(null);
  }
  if (shown.at(-1) === null) shown.pop();
  return shown;
}
