/**
 * Starts the service worker, which shows the page after a reload without a network. It begins after the page is ready, so that
 * it takes nothing from the first screen.
 */
const address = '/sw.js';

interface ScriptPolicies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/** Browsers with trusted types take only what a policy has let through: this one address. */
function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: ScriptPolicies };
  if (!trustedTypes) return address;
  const createScriptURL = (url: string) => {
    if (url !== address) throw new TypeError('not the service worker');
    return url;
  };
  return trustedTypes.createPolicy('pazpaz-sw', { createScriptURL }).createScriptURL(address);
}

export function startWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // Without it the page works as well, only not after a reload without a network.
  const start = () => void navigator.serviceWorker.register(trusted()).catch(() => undefined);
  const idle = () => ('requestIdleCallback' in globalThis ? requestIdleCallback(start, { timeout: 10_000 }) : start());
  setTimeout(idle, 3000);
}
