#!/usr/bin/env node
// Formatting, clippy on the host and on wasm32, TypeScript and its linter, licences, spelling, words.
import { existsSync } from 'node:fs';
import { run, tool } from './lib/run.mjs';

run('cargo', ['fmt', '--all', '--check']);
run('cargo', ['clippy', '--workspace', '--all-targets', '--', '-D', 'warnings']);
run('cargo', [
  ...['clippy', '--target', 'wasm32-unknown-unknown'],
  ...['perse-wasm', 'perse-vision', 'perse-metrics', 'perse-pixels', 'perse-device'].flatMap((name) => [
    '--package',
    name,
  ]),
  ...['--lib', '--', '-D', 'warnings'],
]);
// The core as it is shipped.
run('cargo', [
  ...['clippy', '--target', 'wasm32-unknown-unknown', '--package', 'perse-wasm', '--no-default-features'],
  ...['--lib', '--', '-D', 'warnings'],
]);
// The facade is typed against what the build makes, of which the messages are the last.
const made = ['messages/en.json', 'pixels/perse_pixels.d.ts', 'photo-engine/perse_device.d.ts'];
if (!made.every((file) => existsSync(`build/${file}`))) run('node', ['scripts/build.mjs']);
run('node_modules/.bin/tsc', ['--project', '.']);
run('node_modules/.bin/eslint', ['--max-warnings=0', 'js']);
run('node_modules/.bin/prettier', [
  ...['--check', '--log-level=warn'],
  ...['js', 'scripts', 'tests', 'examples', 'www', 'docs/.vitepress', '*.json', '*.mjs'],
]);
run('node', ['scripts/notices.mjs', '--check']);
run(tool('typos'), ['--format', 'brief']);
run('node', ['scripts/prose.mjs']);
