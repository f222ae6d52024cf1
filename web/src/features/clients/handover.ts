/** What one client page leaves for the next. In memory, since names have no place in an address. */
import type { Duplicate } from '../../api/types';
import { onPersonChange } from '../auth/session.svelte';
import { draftFromSearch, type Draft } from './form';

let prefill: Draft | undefined;
const duplicates = new Map<string, Duplicate[]>();

/** The next new-client form starts from what was searched for. */
export function startFromSearch(text: string): void {
  prefill = draftFromSearch(text);
}

export function takePrefill(): Draft | undefined {
  const held = prefill;
  prefill = undefined;
  return held;
}

export function leaveDuplicates(id: string, found: Duplicate[]): void {
  if (found.length > 0) duplicates.set(id, found);
}

export function duplicatesOf(id: string): Duplicate[] {
  return duplicates.get(id) ?? [];
}

export function settleDuplicates(id: string): void {
  duplicates.delete(id);
}

onPersonChange(() => {
  prefill = undefined;
  duplicates.clear();
});
