/** The forms of one countable message. English uses one and other, Hebrew also two. */
export interface Plural {
  one: string;
  two?: string;
  other: string;
}

/** Gives both languages the same type, though their forms differ. */
export const plural = (forms: Plural): Plural => forms;
