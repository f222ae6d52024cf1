/** Who wrote a note. The server names people by id; a practice of one asks for nobody. */
import { catalog } from '../calendar/catalog.svelte';
import { session } from '../auth/session.svelte';

/** Has the name at hand soon; without an answer the page says when, and not who. */
export function meetAuthor(id: string): void {
  if (session.me?.user.id !== id) void catalog.practitioners.load();
}

/** The name, as soon as it is known. */
export function authorName(id: string): string | undefined {
  const { me } = session;
  if (me?.user.id === id) return me.user.full_name;
  return catalog.practitioners.items.find((each) => each.id === id)?.full_name;
}

/** The name of somebody else. One's own goes without saying. */
export function colleague(id: string): string | undefined {
  return session.me?.user.id === id ? undefined : authorName(id);
}
