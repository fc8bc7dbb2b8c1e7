#!/usr/bin/env node
// The package as its users install and build it: npm run test:consumers -- [webpack vite …]
// Those without a bundler are opened in all browser engines, or in those that PERSE_ENGINES names, the
// others in the first: what a bundler makes of the package doesn't depend on the browser.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chosenEngines } from './lib/browser.mjs';
import { fail, root, run } from './lib/run.mjs';

const UNBUNDLED = ['esm', 'script-tag'];

const folder = join(root, 'tests', 'consumers');
const all = [...(await projects(folder)), ...(await projects(join(root, 'examples'), 'examples/'))];

const named = process.argv.slice(2);
const unknown = named.find((name) => !all.includes(name));
if (unknown) fail(`There is no consumer ${unknown}. The consumers are ${all.join(', ')}.`);

for (const [index, engine] of chosenEngines().entries()) {
  const wanted = (named.length > 0 ? named : all).filter((name) => index === 0 || UNBUNDLED.includes(name));
  if (wanted.length === 0) continue;
  console.log(`\n== consumers, in ${engine}: ${wanted.join(', ')}`);
  run('node', ['--test', '--test-reporter=spec', join(folder, 'consumers.test.mjs')], {
    PERSE_CONSUMERS: wanted.join(','),
    PERSE_ENGINE: engine,
  });
}

/** The names of the projects in a folder. */
async function projects(folder, prefix = '') {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'package.json')))
    .map(({ name }) => prefix + name);
}
