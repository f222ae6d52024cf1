/** Settings of this device. Nothing about a client ever goes in here. A browser may refuse storage: then nothing is kept. */
const prefix = 'pazpaz.';

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // Private mode or a policy: the choice lasts until the page is closed.
  }
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}
