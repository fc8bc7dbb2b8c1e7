// What TypeScript and prettier do not see: promises that nobody awaits, needless assertions, values without a type.
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig({
  files: ['js/**/*.ts'],
  ignores: ['js/**/*.test.ts', 'js/**/test-support.ts'],
  extends: [tseslint.configs.recommendedTypeChecked],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    // Inside, an `ErrorDetail` is thrown; the page sees a result, or a `PerseError`.
    '@typescript-eslint/only-throw-error': 'off',
    '@typescript-eslint/prefer-promise-reject-errors': 'off',
    // Objects of closures: their methods need no `this`.
    '@typescript-eslint/unbound-method': 'off',
    // An async method turns what it throws into a rejection.
    '@typescript-eslint/require-await': 'off',
    // What a page or a service hands over may be anything, and is read as that (js/own.ts).
    '@typescript-eslint/no-explicit-any': 'off',
    '@typescript-eslint/no-unsafe-argument': 'off',
    '@typescript-eslint/no-unsafe-assignment': 'off',
    '@typescript-eslint/no-unsafe-call': 'off',
    '@typescript-eslint/no-unsafe-member-access': 'off',
    '@typescript-eslint/no-unsafe-return': 'off',
    // A caught value is shown as whatever it is.
    '@typescript-eslint/restrict-template-expressions': 'off',
    '@typescript-eslint/no-base-to-string': 'off',
    // Typed events of a class, and the known values of a string.
    '@typescript-eslint/no-unsafe-declaration-merging': 'off',
    '@typescript-eslint/no-redundant-type-constituents': 'off',
    // TypeScript reports these, except those that begin with an underscore.
    '@typescript-eslint/no-unused-vars': 'off',
  },
});
