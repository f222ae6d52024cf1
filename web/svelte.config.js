import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // The name of a component's styles stands at each of its elements: a short one is a part of the weight saved.
  compilerOptions: { cssHash: ({ hash, css }) => `s${hash(css)}` },
};
