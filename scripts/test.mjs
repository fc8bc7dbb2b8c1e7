#!/usr/bin/env node
// All tests: native, then the core and the page in real browsers against the real sandbox.
// PERSE_ENGINES=chromium,firefox,webkit chooses the browsers.
import { chosenEngines, engines } from './lib/browser.mjs';
import { delimiter, join } from 'node:path';
import { root, run, tool, toolsDir } from './lib/run.mjs';
import { startSandbox } from './lib/sandbox.mjs';

process.chdir(root);

step('Rust, natively');
run('cargo', ['test', '--workspace']);

step('the facade, without a browser');
run('node', ['scripts/test-unit.mjs']);

step('build');
run('node', ['scripts/build.mjs']);
run('node', ['scripts/build.mjs', '--forced-panic']);
run('cargo', ['build', '--release', '--package', 'perse-sandbox']);

step('the package: files, types, documentation');
run('node', ['scripts/test-package.mjs']);
run('node', ['scripts/docs.mjs']);
run('node', ['--test', '--test-reporter=spec', 'tests/docs/']);

for (const engine of chosenEngines()) {
  step(`the core, in ${engine}`);
  await testCore(engine);
}

step('the server entry');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/server/']);

step('photos, prepared and measured');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/image/']);

step('the camera and the face engines');
run('node', ['scripts/test-camera.mjs']);

step('the page and the robustness of the package, end to end');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/e2e/']);

step('the package, as its users install and build it');
run('node', ['scripts/test-consumers.mjs']);

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

function step(name) {
  const minutes = (process.uptime() / 60).toFixed(1);
  console.log(`\n== ${name} (after ${minutes} min)`);
}
