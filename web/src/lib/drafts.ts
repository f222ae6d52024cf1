/**
 * Text that was being typed when the session ended. It lives in memory only, for the same person and place, so that signing
 * in again in this tab brings it back; it never reaches the disk.
 */
interface Draft {
  person: string;
  value: unknown;
}

const drafts = new Map<string, Draft>();

export function keepDraft(person: string, place: string, value: unknown): void {
  drafts.set(place, { person, value });
}

/** Takes a draft out: it is given back once, and only to the person who typed it. */
export function takeDraft<T>(person: string, place: string): T | undefined {
  const draft = drafts.get(place);
  if (!draft || draft.person !== person) return undefined;
  drafts.delete(place);
  return draft.value as T;
}

/** Forgets everything that does not belong to this person; without one, everything. */
export function forgetDrafts(person: string | undefined): void {
  for (const [place, draft] of drafts) if (draft.person !== person) drafts.delete(place);
}
