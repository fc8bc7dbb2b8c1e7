#!/usr/bin/env node
// Tests of the camera and the face engines: their parts in Node, then all of them in real browsers. `--unit` stops after the first.
// PERSE_ENGINES=chromium,firefox,webkit chooses the browsers.
import { readdir, rm } from 'node:fs/promises';
import { bundleForNode } from './lib/camera-bundle.mjs';
import { root, run } from './lib/run.mjs';

process.chdir(root);
const folder = 'build/unit';
const tests = [];
for (const room of ['camera', 'device', 'device/photos']) {
  const files = await readdir(`js/${room}`);
  tests.push(...files.filter((name) => name.endsWith('.test.ts')).map((name) => `${room}/${name}`));
}
await rm(folder, { recursive: true, force: true });
await bundleForNode(
  tests.map((name) => `js/${name}`),
  folder,
);
const files = tests.map((name) => `${folder}/${name.replace(/ts$/, 'mjs')}`);
run('node', ['--enable-source-maps', '--test', '--test-reporter=spec', ...files]);
if (!process.argv.includes('--unit')) {
  run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/camera/', 'tests/device/']);
}
