/**
 * Whether the focus should follow a card that was moved by keys: it is on that card or was lost with its old place. Once it
 * is anywhere else, the person has gone on.
 */
export function follows(id: string): boolean {
  const active = document.activeElement as HTMLElement | null;
  return !active || active === document.body || active.dataset.visit === id;
}
