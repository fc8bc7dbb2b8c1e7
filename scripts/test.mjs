#!/usr/bin/env node
// All tests: native, then the built package in a real browser against the real sandbox.
import { root, run, tool } from './lib/run.mjs';
import { chromedriver } from './lib/browser.mjs';
import { startSandbox } from './lib/sandbox.mjs';

process.chdir(root);

step('Rust, natively');
run('cargo', ['test', '--workspace']);

step('build');
run('node', ['scripts/build.mjs']);
run('cargo', ['build', '--release', '--package', 'perse-sandbox']);

step('Rust, in Chromium against the sandbox');
const sandbox = await startSandbox(['--private-key', 'browser-test', '--cors', '*']);
try {
  run(
    'cargo',
    ['test', '--package', 'perse-wasm', '--target', 'wasm32-unknown-unknown', '--test', 'browser'],
    {
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: tool('wasm-bindgen-test-runner'),
      CHROMEDRIVER: chromedriver(),
      PERSE_SANDBOX: sandbox.url,
      // The runner's own limit is 20 seconds for all of them.
      WASM_BINDGEN_TEST_TIMEOUT: '300',
    },
  );
} finally {
  await sandbox.stop();
}

step('the page, end to end in Chromium');
run('node', ['--test', '--test-concurrency=1', '--test-reporter=spec', 'tests/e2e/']);

function step(name) {
  console.log(`\n== ${name}`);
}
