import { recall, remember } from './storage';

export type Theme = 'system' | 'light' | 'dark';
export const themes: readonly Theme[] = ['system', 'light', 'dark'];

export type Density = 'comfortable' | 'compact';
export const densities: readonly Density[] = ['comfortable', 'compact'];

let current = $state<Theme>('system');
let density = $state<Density>('comfortable');

export const theme = {
  get current(): Theme {
    return current;
  },
  get density(): Density {
    return density;
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

function space(next: Density): void {
  density = next;
  const { dataset } = document.documentElement;
  if (next === 'comfortable') delete dataset.density;
  else dataset.density = next;
}

export function setDensity(next: Density): void {
  space(next);
  remember('density', next);
}

export function startTheme(): void {
  const stored = recall('theme');
  apply(themes.find((name) => name === stored) ?? 'system');
  space(recall('density') === 'compact' ? 'compact' : 'comfortable');
}
