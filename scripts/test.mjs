#!/usr/bin/env node
// All tests: native, then the core and the page in real browsers against the real sandbox.
// PERSE_ENGINES=chromium,firefox,webkit chooses the browsers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chosenEngines, engines } from './lib/browser.mjs';
import { fail, root, run, tool, toolsDir } from './lib/run.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startSandbox } from './lib/sandbox.mjs';

process.chdir(root);

// The service's store is tested on both databases. Nothing here survives a power cut, so the disk is spared.
const postgres = await startPostgres({ durable: false });
const onPostgres = { PERSE_TEST_POSTGRES: postgres?.url };
if (!postgres)
  console.log('\nPostgreSQL is not installed: the service is tested WITHOUT it, on SQLite alone.');

step('Rust, natively');
run('cargo', ['test', '--workspace'], onPostgres);
if (postgres) {
  step('the service, as two servers on one PostgreSQL');
  run('cargo', ['test', '--package', 'perse-sandbox', '--test', 'api'], {
    ...onPostgres,
    PERSE_TEST_STORE: 'postgres',
  });
  await postgres.stop();
}

step('the facade, without a browser');
run('node', ['scripts/test-unit.mjs']);

step('build');
run('node', ['scripts/build.mjs']);
run('node', ['scripts/build.mjs', '--forced-panic']);
run('cargo', ['build', '--release', '--package', 'perse-sandbox']);

step('the package: files, types, documentation');
run('node', ['scripts/test-package.mjs']);
// Installs and bundlers mostly wait: the next stages, none of which measures time, run beside them.
const consumers = startInBackground('scripts/test-consumers.mjs', 'build/consumers.log');
run('node', ['scripts/docs.mjs']);
run('node', ['--test', '--test-reporter=spec', 'tests/docs/']);

for (const engine of chosenEngines()) {
  step(`the core, in ${engine}`);
  await testCore(engine);
}

step('the server entry');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/server/']);

step('the service, killed and stopped');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/service/']);

step('photos, prepared and measured');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/image/']);

step('the package, as its users install and build it');
await consumers;

step('the camera and the face engines');
run('node', ['scripts/test-camera.mjs']);

step('the page and the robustness of the package, end to end');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/e2e/']);

step('done');

/** Runs the core's tests in a browser, as `wasm-pack test` does for anyone, against a sandbox. */
async function testCore(engine) {
  const { driver, runnerVariable, packFlags } = engines[engine];
  const drivers = Object.values(engines).map((other) => [other.runnerVariable, undefined]);
  const test = [
    ...[tool('wasm-pack'), '--log-level', 'warn', 'test', '--headless', ...packFlags(driver())],
    ...['--mode', 'no-install', '--', '--test', 'browser'],
  ];
  // WebKit without a display hangs.
  const display = engine === 'webkit' ? ['xvfb-run', '-a'] : [];
  const [program, ...args] = [...display, ...test];
  const sandbox = await startSandbox(['--private-key', 'browser-test', '--cors', '*']);
  try {
    run(program, args, {
      // An inherited driver variable would choose another engine; the tests also ask the browser.
      ...Object.fromEntries(drivers),
      [runnerVariable]: driver(),
      PATH: [join(toolsDir, 'bin'), process.env.PATH].join(delimiter),
      PERSE_ENGINE: engine,
      PERSE_SANDBOX: sandbox.url,
      // The runner's own limit is 20 seconds for all of them.
      WASM_BINDGEN_TEST_TIMEOUT: '300',
    });
  } finally {
    await sandbox.stop();
  }
}

/** Runs a script beside what follows. Resolves once it has succeeded and its output was printed; ends all if it fails. */
async function startInBackground(script, log) {
  const file = openSync(log, 'w');
  // A process group of its own, so that all of it ends with this process.
  const child = spawn('node', [script], { stdio: ['ignore', file, file], detached: true });
  process.on('exit', () => child.exitCode === null && process.kill(-child.pid));
  process.once('SIGINT', () => process.exit(130));
  const [code] = await once(child, 'exit');
  process.stdout.write(readFileSync(log));
  if (code !== 0) fail(`${script} ended with code ${code}.`);
}

function step(name) {
  const minutes = (process.uptime() / 60).toFixed(1);
  console.log(`\n== ${name} (after ${minutes} min)`);
}
