export interface ExcerptPiece {
  text: string;
  hit: boolean;
}

/** An excerpt in parts, so that what was found can be marked; the first place where it stands. */
export function pieces(text: string, hit: string): ExcerptPiece[] {
  const at = hit ? text.indexOf(hit) : -1;
  if (at < 0) return [{ text, hit: false }];
  const parts = [
    { text: text.slice(0, at), hit: false },
    { text: hit, hit: true },
    { text: text.slice(at + hit.length), hit: false },
  ];
  return parts.filter((part) => part.text !== '');
}
