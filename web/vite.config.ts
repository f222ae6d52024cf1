import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the API: the server as `go run ./cmd/pazpaz serve --demo` starts it.
const api = process.env.PAZPAZ_DEV_API ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: {
    outDir: '../internal/web/dist',
    emptyOutDir: true, // public/.keep brings the placeholder back
    target: ['chrome123', 'edge123', 'firefox121', 'safari17.5'],
    cssCodeSplit: false, // one small file; a page never shows before its styles
    assetsInlineLimit: 0, // the policy allows no data: fonts, and nothing else is worth inlining
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
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
