/** Which notes are open, here and in the other tabs of this browser: nobody else sends what is kept of these. */

const mark = 'pazpaz-writing ';
const here = new Map<string, number>();

/** Says that the text of a place is in hands, until the returned function is called or the tab is gone. */
export function hold(place: string): () => void {
  here.set(place, (here.get(place) ?? 0) + 1);
  const ended = new AbortController();
  void tellTabs(place, ended.signal);
  return () => {
    if (ended.signal.aborted) return;
    ended.abort();
    const left = here.get(place)! - 1;
    if (left > 0) here.set(place, left);
    else here.delete(place);
  };
}

/** A browser gives a lock free when its tab is gone, however that went. */
async function tellTabs(place: string, ended: AbortSignal): Promise<void> {
  const until = () => new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve()));
  const options = { mode: 'shared', signal: ended } as const;
  await locks()
    ?.request(mark + place, options, until)
    .catch(() => undefined); // let go of before it was had
}

export const isHeldHere = (place: string): boolean => here.has(place);

/** The places that some tab holds. */
export async function heldPlaces(): Promise<Set<string>> {
  const known = await locks()?.query();
  const names = [...(known?.held ?? []), ...(known?.pending ?? [])].map(({ name }) => name ?? '');
  return new Set(names.filter((name) => name.startsWith(mark)).map((name) => name.slice(mark.length)));
}

/** Missing outside secure origins, where nothing is kept either. */
const locks = (): LockManager | undefined => globalThis.navigator?.locks;
