/** Keeps an open draft as the server has it, while nothing is written in it here. */
import { onChange, type Live } from '../../lib/live';
import type { NoteDoc } from './doc.svelte';

/** A change that is told so soon after a save of this page is that save, in milliseconds. */
const own = 3000;
/** Each look is a reading of the note that its record tells of: others save often, and mostly other notes. */
const pause = 10_000;

/** Looks soon after something was changed elsewhere, and at once when the person comes back to this page. */
export function follow(doc: NoteDoc, source?: Live): () => void {
  let heard = false;
  let lookedAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (!heard || doc.dirty) return;
    heard = false;
    lookedAt = Date.now();
    void doc.refresh().catch(() => undefined); // the next change looks again
  };
  const changed = () => {
    if (Date.now() - (doc.autosave.savedAt ?? -Infinity) < own) return;
    heard = true;
    clearTimeout(timer);
    timer = setTimeout(look, lookedAt + pause - Date.now());
  };
  const deaf = onChange(['sessions'], changed, source);
  addEventListener('focus', look);
  return () => {
    deaf();
    clearTimeout(timer);
    removeEventListener('focus', look);
  };
}
