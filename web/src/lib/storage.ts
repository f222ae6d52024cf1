/**
 * Settings of this device. Nothing about a client ever goes in here. A browser may refuse storage: then a choice lasts until
 * the page is closed.
 */
const prefix = 'pazpaz.';
const known = new Map<string, string>();

export function remember(name: string, value: string): void {
  known.set(name, value);
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Private mode or a policy.
  }
}

export function recall(name: string): string | null {
  try {
    const value = localStorage.getItem(prefix + name);
    if (value !== null) known.set(name, value);
    return value ?? known.get(name) ?? null;
  } catch {
    return known.get(name) ?? null;
  }
}

/** Writes the settings again after the server had the browser clear everything at sign-out: they are nobody's secret. */
export function restoreStorage(): void {
  for (const [name, value] of known) remember(name, value);
}
