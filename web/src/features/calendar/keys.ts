/** What the keys mean on an appointment of the grid. */
import type { Slot } from './layout';
import { quarter, shifted } from './drag';

export type Step =
  { kind: 'walk'; days: number; along: number } | { kind: 'put'; slot: Slot } | { kind: 'edge'; last: boolean };

interface Press {
  key: string;
  altKey: boolean;
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const vertical: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 };
const horizontal: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

/** `days` is how far an arrow up or down goes: none in a column of hours, a week in a month. */
export function stepOf(press: Press, slot: Slot, rtl: boolean, month = false): Step | undefined {
  if (press.ctrlKey || press.metaKey) return undefined;
  if (!press.altKey && press.key === 'Home') return { kind: 'edge', last: false };
  if (!press.altKey && press.key === 'End') return { kind: 'edge', last: true };
  const along = vertical[press.key] ?? 0;
  const days = (horizontal[press.key] ?? 0) * (rtl ? -1 : 1);
  if (!along && !days) return undefined;
  if (!press.altKey) return press.shiftKey ? undefined : { kind: 'walk', days, along };
  if (press.shiftKey) return along && !month ? { kind: 'put', slot: resized(slot, along * quarter) } : undefined;
  return { kind: 'put', slot: month ? shifted(slot, days + along * 7, 0) : shifted(slot, days, along * quarter) };
}

function resized(slot: Slot, by: number): Slot {
  return { ...slot, end: Math.max(slot.end + by, slot.start + quarter) };
}

/** Where the focus goes from one card: the lists are the ids of each day, in order. */
export function walk(
  days: readonly (readonly { id: string; at: number }[])[],
  id: string,
  step: Step,
): string | undefined {
  const day = days.findIndex((list) => list.some((card) => card.id === id));
  if (day < 0 || step.kind === 'put') return undefined;
  const flat = days.flat();
  if (step.kind === 'edge') return flat.at(step.last ? -1 : 0)?.id;
  const list = days[day]!;
  const here = list.findIndex((card) => card.id === id);
  if (step.along) return list[here + step.along]?.id;
  for (let at = day + step.days; at >= 0 && at < days.length; at += step.days) {
    const near = [...days[at]!].filter((card) => card.id !== id).sort((a, b) => distance(a) - distance(b))[0];
    if (near) return near.id;
  }
  return undefined;

  function distance(card: { at: number }): number {
    return Math.abs(card.at - list[here]!.at);
  }
}
