#!/usr/bin/env node
// The sandbox as npm packages, for people without Rust: `perse-sandbox`, with the page, the networks and the command, and one
// package a platform with the program. `package-sandbox.mjs [PROGRAM]` takes the program of this platform, from
// target/release unless named, and writes to build/npm/.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/run.mjs';

/** Platforms that the release workflow builds for, as `process.platform` and `process.arch` name them. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'darwin-x64', 'win32-x64'];

process.chdir(root);
const pkg = JSON.parse(readFileSync('pkg/package.json', 'utf8'));
const workspace = JSON.parse(readFileSync('package.json', 'utf8'));
const about = Object.fromEntries(
  ['version', 'license', 'author', 'repository', 'homepage', 'bugs'].map((name) => [name, pkg[name]]),
);
const target = 'build/npm';
rmSync(target, { recursive: true, force: true });
packProgram();
packSandbox();

/** Writes the package of this platform's program. */
function packProgram() {
  const platform = `${process.platform}-${process.arch}`;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folder = join(target, `sandbox-${platform}`);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const program = join(folder, 'bin', `perse-sandbox${suffix}`);
  copyFileSync(process.argv[2] ?? `target/release/perse-sandbox${suffix}`, program);
  chmodSync(program, 0o755);
  write(folder, {
    name: `@perse-wasm/sandbox-${platform}`,
    description: `The program of perse-sandbox for ${platform}`,
    ...about,
    os: [process.platform],
    cpu: [process.arch],
    files: ['bin'],
  });
  cpSync('LICENSE', join(folder, 'LICENSE'));
}

/** Writes the package of the command. */
function packSandbox() {
  const folder = join(target, 'perse-sandbox');
  mkdirSync(folder, { recursive: true });
  cpSync('www', join(folder, 'www'), { recursive: true });
  cpSync('models', join(folder, 'models'), { recursive: true });
  cpSync('scripts/perse-sandbox.mjs', join(folder, 'bin', 'perse-sandbox.mjs'));
  for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.md']) cpSync(file, join(folder, file));
  copyFileSync('docs/sandbox.md', join(folder, 'README.md'));
  write(folder, {
    name: 'perse-sandbox',
    description: 'The face verification API on this machine, for development and tests',
    ...about,
    type: 'module',
    bin: { 'perse-sandbox': 'bin/perse-sandbox.mjs' },
    files: ['bin', 'www', 'models', 'THIRD-PARTY-NOTICES.md'],
    engines: { node: '>=18' },
    dependencies: {
      // The package that the demo page loads.
      [pkg.name]: pkg.version,
      // The sample photos of the demo page.
      '@vladmandic/face-api': workspace.devDependencies['@vladmandic/face-api'],
    },
    optionalDependencies: Object.fromEntries(
      PLATFORMS.map((platform) => [`@perse-wasm/sandbox-${platform}`, pkg.version]),
    ),
  });
}

function write(folder, json) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(json, null, 2)}\n`);
}
