/** What a device keeps of a note until the server has it. No I/O. */
import type { Appointment, Client, Session } from '../../api/types';
import { append, sections, type Content } from './content';

/** What the device keeps of a note: what was seen, and what was made of it. */
export interface LocalCopy {
  base: Content;
  mine: Content;
  note: Session | undefined;
  /** Of the writing it belongs to: each tab keeps its own. */
  key: string;
  /** What was sent to begin the note, while it is not known whether it arrived. */
  creating?: Content | undefined;
  sent?: Content[];
  about?: About | undefined;
}

/** Whom and which visit a new note is about, as the page shows it. */
export interface About {
  client: Pick<Client, 'id' | 'full_name'>;
  visit: Appointment | undefined;
}

/** Where a tab keeps its copy of the text of a place. */
export const copyPlace = (place: string, key = ''): string => `${place}\n${key}`;

/** The text of one tab, and under it what another one had in the same section. */
export function joined(copy: LocalCopy, others: LocalCopy[]): Content {
  const text = { ...copy.mine };
  for (const other of others) {
    for (const name of sections) {
      const more = other.mine[name] !== other.base[name] && !text[name].includes(other.mine[name]);
      if (more) text[name] = text[name] === copy.base[name] ? other.mine[name] : append(text[name], other.mine[name]);
    }
  }
  return text;
}
