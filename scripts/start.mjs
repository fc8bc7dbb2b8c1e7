#!/usr/bin/env node
// The main job on this machine: page, package and sandbox API on one origin.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fail, root, run } from './lib/run.mjs';

const port = process.env.PORT ?? '8787';
run('node', ['scripts/build.mjs']);
run('cargo', ['build', '--release', '--package', 'perse-sandbox']);

const server = spawn(
  'cargo',
  ['run', '--quiet', '--release', '--package', 'perse-sandbox', '--', '--demo', '--faults', '--port', port],
  {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
createInterface(server.stdout).once('line', (line) => {
  console.log(`\nOpen http://localhost:${line.split(':').at(-1)} (Ctrl-C ends it)`);
});
server.on('exit', (code) => (code ? fail(`The sandbox ended with code ${code}.`) : process.exit(0)));
// Ctrl-C reaches the whole process group; a plain kill reaches only this process.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
