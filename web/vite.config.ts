import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin, Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the API: the server as `go run ./cmd/pazpaz serve --demo` starts it.
const api = process.env.PAZPAZ_DEV_API ?? 'http://127.0.0.1:8080';

const home = /features[\\/]calendar[\\/]CalendarPage\.svelte$/;

/** Whether the calendar needs a module before it can be drawn. */
function neededAtHome(id: string, context: Rolldown.ChunkingContext): boolean {
  const seen = new Set<string>();
  const reaches = (from: string): boolean => {
    if (home.test(from)) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return context.getModuleInfo(from)?.importers.some(reaches) ?? false;
  };
  return reaches(id);
}

// Two files, and not twenty, are between a person and the week: on a slow line each costs a way there and back.
const startAndHome: Rolldown.CodeSplittingGroup[] = [
  { name: 'start', tags: ['$initial'], priority: 1 },
  { name: (id, context) => (neededAtHome(id, context) ? 'calendar' : null) },
];

/** The calendar is asked for together with the start, not after it. */
const preloadHome: Plugin = {
  name: 'preload-home',
  transformIndexHtml: {
    order: 'post',
    handler(_, { bundle }) {
      const chunk = Object.values(bundle ?? {}).find(({ name }) => name === 'calendar');
      if (!chunk) return [];
      return [
        {
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${chunk.fileName}` },
          injectTo: 'head',
        },
      ];
    },
  },
};

export default defineConfig({
  plugins: [svelte(), svelteTesting(), preloadHome],
  build: {
    outDir: '../internal/web/dist',
    emptyOutDir: true, // public/.keep brings the placeholder back
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    cssCodeSplit: false, // one small file; a page never shows before its styles
    assetsInlineLimit: 0, // the policy allows no data: fonts, and nothing else is worth inlining
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: startAndHome } } },
  },
  server: {
    proxy: { '/api': api, '/openapi.json': api },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
  },
});
