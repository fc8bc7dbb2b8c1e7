#!/usr/bin/env node
// Prints which lines the tests on the host run: of js/ by its unit tests, of src/ and the crates that it is made of by
// cargo's. The second needs LLVM's llvm-profdata and llvm-cov, of version 19 or later: from `rustup component add
// llvm-tools` or the system; LLVM_SUFFIX=-19 for programs that are called llvm-cov-19.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { output, root, run } from './lib/run.mjs';

const CRATES = ['perse-wasm', 'perse-protocol', 'perse-image-file'];
const folder = join(root, 'build', 'coverage');

process.chdir(root);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const tests of [['scripts/test-unit.mjs'], ['scripts/test-camera.mjs', '--unit']]) {
  run('node_modules/.bin/c8', [
    ...['--reporter', 'text', '--exclude', 'scripts/**', '--temp-directory', join(folder, 'v8')],
    ...['--reports-dir', folder, process.execPath, ...tests],
  ]);
}
const tools = llvm();
if (tools) rust(tools);
else console.log('\nNo llvm-profdata and llvm-cov were found: the lines of Rust are not counted.');

function rust({ profdata, cov }) {
  const env = {
    CARGO_TARGET_DIR: join(folder, 'target'),
    CARGO_ENCODED_RUSTFLAGS: '-Cinstrument-coverage',
    LLVM_PROFILE_FILE: join(folder, 'profiles', '%p-%m.profraw'),
  };
  const test = ['test', ...CRATES.flatMap((name) => ['--package', name])];
  run('cargo', test, env);
  const profiles = readdirSync(join(folder, 'profiles')).map((name) => join(folder, 'profiles', name));
  const merged = join(folder, 'merged.profdata');
  run(profdata, ['merge', '-sparse', ...profiles, '-o', merged]);
  const { stdout } = spawnSync('cargo', [...test, '--no-run', '--message-format=json'], {
    ...{ env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1e8 },
  });
  const artifacts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const programs = artifacts.flatMap(({ executable }) => (executable ? ['--object', executable] : []));
  const others = ['--ignore-filename-regex', 'registry|rustc|/tests/'];
  run(cov, ['report', ...others, '--instr-profile', merged, ...programs]);
}

/** Returns the paths of LLVM's programs: those of the Rust toolchain before the system's. */
function llvm() {
  const host = output('rustc', ['-vV']).match(/host: (.*)/)[1];
  const own = join(output('rustc', ['--print', 'sysroot']).trim(), 'lib', 'rustlib', host, 'bin');
  const suffix = process.env.LLVM_SUFFIX ?? '';
  return [(name) => join(own, name), (name) => name + suffix]
    .map((path) => ({ profdata: path('llvm-profdata'), cov: path('llvm-cov') }))
    .find(({ profdata, cov }) =>
      [profdata, cov].every((path) => spawnSync(path, ['--version']).status === 0),
    );
}
