/** The cursor of the next page from a Link header, or nothing on the last page. */
export function nextCursor(link: string | null): string | undefined {
  for (const part of (link ?? '').split(/,(?=\s*<)/)) {
    const match = /^\s*<([^>]*)>\s*;(.*)$/.exec(part);
    if (!match || !/\brel="?next"?/.test(match[2]!)) continue;
    return new URL(match[1]!, 'http://local.invalid').searchParams.get('cursor') ?? undefined;
  }
  return undefined;
}

/** X-Total-Count, or the fallback when a proxy dropped it. */
export function totalCount(header: string | null, fallback: number): number {
  const total = Number(header);
  return header !== null && header !== '' && Number.isInteger(total) && total >= 0 ? total : fallback;
}
