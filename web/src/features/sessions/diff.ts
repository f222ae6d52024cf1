/** What differs between two texts, word by word, for a person to read. */
export interface Piece {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Above this many comparisons whole lines are compared instead of words: a reader would not follow the words anyway. */
const patience = 4_000_000;

export function diff(before: string, after: string): Piece[] {
  const [a, b] = [words(before), words(after)];
  return a.length * b.length <= patience ? compare(a, b) : compare(lines(before), lines(after));
}

const words = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}\p{M}_'’-]+|[^\s\p{L}\p{N}\p{M}_]/gu) ?? [];
const lines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function compare(a: readonly string[], b: readonly string[]): Piece[] {
  const head = common(a, b, (at) => at);
  const tail = common(a.slice(head), b.slice(head), (at, all) => all.length - 1 - at);
  const middle = longest(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const same = (parts: readonly string[]): Piece[] => parts.map((text) => ({ kind: 'same', text }));
  return joined([...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))]);
}

/** How many parts agree, walking both lists in the given order. */
function common(
  a: readonly string[],
  b: readonly string[],
  order: (at: number, all: readonly string[]) => number,
): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a[order(count, a)] === b[order(count, b)]) count += 1;
  return count;
}

/** The longest common subsequence, by its table of lengths. */
function longest(a: readonly string[], b: readonly string[]): Piece[] {
  const width = b.length + 1;
  const length = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [down, right] = [length[(i + 1) * width + j]!, length[i * width + j + 1]!];
      length[i * width + j] = a[i] === b[j] ? length[(i + 1) * width + j + 1]! + 1 : Math.max(down, right);
    }
  }
  const pieces: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      pieces.push({ kind: 'same', text: a[i]! });
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && length[(i + 1) * width + j]! >= length[i * width + j + 1]!)) {
      pieces.push({ kind: 'removed', text: a[i]! });
      i += 1;
    } else {
      pieces.push({ kind: 'added', text: b[j]! });
      j += 1;
    }
  }
  return pieces;
}

function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else out.push({ ...piece });
  }
  return out;
}
