#!/usr/bin/env node
// The package as its users install and build it: npm run test:consumers -- [webpack vite …]
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, root, run } from './lib/run.mjs';

const folder = join(root, 'tests', 'consumers');
const entries = await readdir(folder, { withFileTypes: true });
const names = entries
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'package.json')))
  .map(({ name }) => name);

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !names.includes(name));
if (unknown) fail(`There is no consumer ${unknown}. The consumers are ${names.join(', ')}.`);

run('node', ['--test', '--test-reporter=spec', join(folder, 'consumers.test.mjs')], {
  PERSE_CONSUMERS: wanted.join(','),
});
