#!/usr/bin/env node
// The command `perse-sandbox` of the npm package: starts this platform's program with the package's page and networks.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const own = fileURLToPath(new URL('..', import.meta.url));
const platform = `${process.platform}-${process.arch}`;

const child = spawn(findProgram(), [...defaults(), ...process.argv.slice(2)], { stdio: 'inherit' });
// The program ends by itself when the terminal interrupts both; what is sent to this process alone is passed on.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => fail(`The program could not be started: ${error.message}`));
child.on('exit', (code) => process.exit(code ?? 1));

function findProgram() {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  try {
    return require.resolve(`@perse-wasm/sandbox-${platform}/bin/perse-sandbox${suffix}`);
  } catch {
    return fail(
      `There is no program for ${platform}, or it was not installed: npm leaves optional dependencies out with --no-optional or ` +
        `--omit=optional. With Rust it can be built: cargo run --release --package perse-sandbox, in the project's repository.`,
    );
  }
}

/** Folders of the installed packages. A flag that is given again wins, so they may be replaced. */
function defaults() {
  const folder = (name) => dirname(require.resolve(`${name}/package.json`));
  return [
    ...['--models', join(own, 'models'), '--www', join(own, 'www'), '--pkg', folder('perse-wasm')],
    ...['--samples', join(folder('@vladmandic/face-api'), 'demo')],
  ];
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
