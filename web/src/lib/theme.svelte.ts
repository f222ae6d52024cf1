import { recall, remember } from './storage';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

let current = $state<Theme>('system');

export const theme = {
  get current(): Theme {
    return current;
  },
};

/** Shows a theme without remembering it. Under `system` the style sheet follows the device by itself. */
function apply(next: Theme): void {
  current = next;
  const { dataset } = document.documentElement;
  if (next === 'system') delete dataset.theme;
  else dataset.theme = next;
}

export function setTheme(next: Theme): void {
  apply(next);
  remember('theme', next);
}

export function startTheme(): void {
  const stored = recall('theme');
  apply(themes.find((name) => name === stored) ?? 'system');
}
