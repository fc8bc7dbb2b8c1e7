#!/usr/bin/env node
// The facade's unit tests, beside their code in js/, without a browser or a build of WebAssembly.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inline } from './lib/inline.mjs';
import { writeMessages } from './lib/messages.mjs';
import { root, run } from './lib/run.mjs';

const FOLDER = 'build/unit';

process.chdir(root);
await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
if (!existsSync('build/messages/en.json')) await writeMessages();
const files = (await readdir('js', { recursive: true })).filter((name) => name.endsWith('.test.mjs'));
await build({
  entryPoints: files.map((name) => join('js', name)),
  ...{ outdir: FOLDER, outExtension: { '.js': '.mjs' }, bundle: true, format: 'esm', platform: 'node' },
  ...{ sourcemap: 'linked', logLevel: 'warning', splitting: true },
  // The modules may not be built: a test that loads one fails.
  plugins: [
    inline({ 'perse.wasm.gz': '', 'pixels.wasm.gz': '', 'pixels-simd.wasm.gz': '', 'image-worker.js': '' }),
  ],
  external: ['*perse_wasm.js', '*perse_pixels.js'],
});
run(process.execPath, ['--test', '--test-reporter=spec', FOLDER]);
