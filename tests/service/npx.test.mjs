// The sandbox as people without Rust install it: from packed tarballs, in an empty folder.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/lib/run.mjs';

let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perse-npx-'));
  execFileSync('node', ['scripts/package-sandbox.mjs'], { cwd: root });
  for (const name of await readdir(join(root, 'build/npm'))) pack(join(root, 'build/npm', name));
  pack(join(root, 'pkg'));
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).map((name) => `./${name}`);
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--omit=dev'];
  execFileSync('npm', ['install', ...flags, ...tarballs], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
});
after(() => rm(folder, { recursive: true, force: true }));

const pack = (path) => execFileSync('npm', ['pack', '--silent', path], { cwd: folder });

/** Starts the command in the empty folder; `url` is where it listens. */
async function start(flags) {
  const child = spawn('npx', ['--no-install', 'perse-sandbox', '--port', '0', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  return {
    url: line.replace('listening on ', ''),
    async stop() {
      const ended = once(child, 'exit');
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    },
  };
}

test('one command serves the demo, whose samples are compared', async () => {
  const sandbox = await start(['--demo']);
  try {
    const get = async (path) => {
      const response = await fetch(sandbox.url + path);
      assert.equal(response.status, 200, path);
      return response;
    };
    assert.match(await (await get('/')).text(), /<!doctype html>/i);
    await get('/pkg/index.js');
    const { token } = await (await fetch(`${sandbox.url}/demo/session`, { method: 'POST' })).json();
    const body = new FormData();
    body.append('client_declaration_enduser_consent', 'true');
    // Two photos of one group: the largest face of each is the same person's, or not.
    for (const [field, number] of [
      ['image_file1', 1],
      ['image_file2', 3],
    ]) {
      body.append(field, await (await get(`/samples/sample${number}.jpg`)).blob());
    }
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${sandbox.url}/v0/face/compare`, { method: 'POST', headers, body });
    const compared = await response.json();
    assert.equal(response.status, 200, JSON.stringify(compared));
    assert.equal(typeof compared.similarity, 'number');
  } finally {
    await sandbox.stop();
  }
});

test('the packages are small', async () => {
  const sizes = Object.fromEntries(
    await Promise.all(
      (await readdir(folder))
        .filter((name) => name.endsWith('.tgz'))
        .map(async (name) => [name, (await stat(join(folder, name))).size]),
    ),
  );
  for (const [name, size] of Object.entries(sizes)) {
    assert.ok(size < 6_000_000, `${name}: ${size} bytes`);
  }
});
