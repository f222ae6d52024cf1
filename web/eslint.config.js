import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['node_modules', 'screenshots', 'src/api/schema.d.ts'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['sw/**'], languageOptions: { globals: { ...globals.serviceworker } } },
  { files: ['scripts/**', 'e2e/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      // style:x goes through the object model, which the policy allows; scripts/forbid.mjs refuses a style attribute.
      'svelte/no-inline-styles': 'off',
      'svelte/no-navigation-without-resolve': 'off', // a rule for another router
      'svelte/prefer-svelte-reactivity': 'off', // plain maps and sets are meant where nothing is drawn from them
      'svelte/button-has-type': 'error',
    },
  },
  {
    rules: {
      eqeqeq: ['error', 'smart'],
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
          property,
          message: 'A script sink: the policy blocks it. Let Svelte write the page.',
        })),
      ],
    },
  },
  {
    files: ['src/features/**/*.svelte', 'src/lib/**/*.svelte', 'src/*.svelte'],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Pages call queries.ts of their feature.' }],
      'max-lines-per-function': 'off', // a component's script is one function to the linter
    },
  },
  {
    files: ['scripts/**', 'e2e/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.test.ts', 'src/lib/i18n/??.ts'],
    rules: { 'max-lines-per-function': 'off', 'max-lines': 'off' },
  },
);
