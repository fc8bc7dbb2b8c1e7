#!/usr/bin/env node
// Checks of the container without containers: the static program starts from an empty folder that holds its
// networks alone, as a user without rights, and writes nowhere but in /data. Needs Linux, root for chroot, and musl-gcc.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { call, form, portrait, PRIVATE_KEY } from '../tests/service/client.mjs';
import { fail, root, run } from './lib/run.mjs';

const USER = 65532;
const target = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-musl`;

process.chdir(root);
checkSources();
if (process.getuid() !== 0)
  fail('Only root can start a program in an empty folder (chroot): try again with sudo.');
if (spawnSync('musl-gcc', ['--version']).status !== 0) fail('musl-gcc is missing: install musl-tools.');

run('rustup', ['target', 'add', target]);
run('cargo', ['build', '--release', '--package', 'perse-sandbox', '--target', target], {
  [`CC_${target.replaceAll('-', '_')}`]: 'musl-gcc',
});
const program = `target/${target}/release/perse-sandbox`;
const size = `${(statSync(program).size / 2 ** 20).toFixed(1)} MiB`;

const image = mkdtempSync(join(tmpdir(), 'perse-image-'));
process.once('exit', () => rmSync(image, { recursive: true, force: true }));
copyFileSync(program, join(image, 'perse-sandbox'));
cpSync('models', join(image, 'models'), { recursive: true });
mkdirSync(join(image, 'data'));
chownSync(join(image, 'data'), USER, USER);
chmodSync(image, 0o755);
const before = list(image);

const environment = {
  PERSE_SANDBOX_HOST: '127.0.0.1',
  PERSE_SANDBOX_MODELS: '/models',
  PERSE_SANDBOX_DATA: '/data/users.sqlite',
  PERSE_PRIVATE_KEY: PRIVATE_KEY,
  PERSE_DATA_KEY: '5e'.repeat(32),
  PERSE_SANDBOX_WORKERS: String(availableParallelism()),
};
const inside = [`--userspec=${USER}:${USER}`, image, '/perse-sandbox'];
const server = spawn('chroot', [...inside, '--port', '0'], {
  env: environment,
  stdio: ['ignore', 'pipe', 'inherit'],
});
process.once('exit', () => server.kill('SIGKILL'));
const [line] = await once(createInterface(server.stdout), 'line');
const url = line.replace('listening on ', '');

execFileSync('chroot', [...inside, '--port', new URL(url).port, 'health'], { env: environment });
const photo = await portrait();
const { user_token: user } = await call(url, 'POST', '/face/enrollment', form(photo));
const { similarity } = await call(url, 'POST', '/face/compare', form(photo, { user_token: user }));
assert.ok(similarity > 99, `similarity ${similarity}`);
const { faces } = await call(url, 'POST', '/face/detect', form(photo));
assert.equal(faces.length, 1);
const ended = once(server, 'exit');
server.kill('SIGTERM');
assert.deepEqual(await ended, [0, null]);
const written = list(image).filter((path) => !before.includes(path));
assert.deepEqual(written, ['data/users.sqlite']);
console.log(
  `The static program (${size}) works in an empty folder, as a user without rights, and wrote /data alone.`,
);

/** Checks that each path that deploy/ takes into the image or the container is there. */
function checkSources() {
  const kept = readFileSync('deploy/Dockerfile.dockerignore', 'utf8').match(/(?<=^!).+$/gm);
  for (const path of kept) assert.ok(existsSync(path), `${path} of Dockerfile.dockerignore is missing`);
  const members = /members = \[(.+)\]/.exec(readFileSync('Cargo.toml', 'utf8'))[1];
  assert.equal(members, '"crates/*"', 'the image has no other members of the workspace');
  const { channel } = /rust:(?<channel>[\d.]+)-alpine/.exec(readFileSync('deploy/Dockerfile', 'utf8')).groups;
  const least = /rust-version = "([\d.]+)"/.exec(readFileSync('Cargo.toml', 'utf8'))[1];
  assert.ok(
    Number(channel.split('.')[1]) >= Number(least.split('.')[1]),
    `Rust ${channel} is older than ${least}`,
  );
}

/** Lists all files of a folder, by their paths in it. */
function list(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();
}
