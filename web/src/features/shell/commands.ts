/** What the palette offers for a text: commands that match it, then clients. */
import type { ClientSummary } from '../../api/types';
import { folded } from '../sessions/snippets';

export interface Command {
  id: string;
  text: string;
  /** Stands behind the text: keys, or what the client is reached by. */
  aside?: string;
  href: string;
}

/** Commands whose every typed word stands somewhere in them. */
export function matching(commands: readonly Command[], query: string): Command[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  return commands.filter((command) =>
    words.every((word) => folded(`${command.text} ${command.aside ?? ''}`).includes(word)),
  );
}

export function clientCommands(clients: readonly ClientSummary[]): Command[] {
  return clients.map(({ id, full_name, phone }) => ({
    id: `client-${id}`,
    text: full_name,
    aside: phone ?? undefined,
    href: `/clients/${id}`,
  }));
}

/** The next place in a list that starts over at its end. */
export function stepTo(at: number, by: number, length: number): number {
  return length === 0 ? 0 : (at + by + length) % length;
}
