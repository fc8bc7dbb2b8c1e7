// Two instances on one PostgreSQL behind nginx, as deploy/compose.yaml puts them, without containers.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { call, enrolMany, flags, form, portrait, PRIVATE_KEY } from './client.mjs';

const hasNginx = spawnSync('nginx', ['-v']).status === 0;

let postgres, instances, proxy, photo;

before(async () => {
  postgres = hasNginx ? await startPostgres() : undefined;
  if (!postgres) return;
  photo = await portrait();
  const options = [...flags(postgres.url), '--trusted-proxy', '127.0.0.1'];
  instances = await Promise.all([startSandbox(options), startSandbox(options)]);
  proxy = await startNginx(instances.map(({ url }) => url.replace('http://', '')));
});
after(async () => {
  await proxy?.stop();
  await Promise.all((instances ?? []).map((instance) => instance.stop()));
  await postgres?.stop();
});

/** Runs nginx with the project's configuration, but for the addresses and the folders. */
async function startNginx([first, second]) {
  const folder = await mkdtemp(join(tmpdir(), 'perse-nginx-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  const own = await readFile(join(root, 'deploy/nginx.conf'), 'utf8');
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const changes = [
    ['instance-1:8788', first],
    ['instance-2:8788', second],
    ['listen 8080', `listen 127.0.0.1:${port}`],
    ['/tmp/nginx.pid', join(folder, 'pid')],
    ['http {', `http {\n${folders.join('\n')}`],
  ];
  const config = changes.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${from} is not in deploy/nginx.conf`);
    return text.replace(from, to);
  }, own);
  const path = join(folder, 'nginx.conf');
  await writeFile(path, config);
  const nginx = spawn('nginx', ['-c', path, '-g', 'daemon off;', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    if ((await fetch(`${url}/health/live`).catch(() => undefined))?.ok) break;
    assert.ok(attempt < 100, 'nginx did not start');
    await delay(50);
  }
  return {
    url,
    async stop() {
      nginx.kill('SIGQUIT');
      await once(nginx, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const needsBoth = (t) => {
  if (!hasNginx) t.skip('nginx is not installed');
  else if (!postgres) t.skip('PostgreSQL is not installed');
  return hasNginx && postgres;
};

test('a session of one instance is one of the other', async (t) => {
  if (!needsBoth(t)) return;
  const token = await instances[0].login(PRIVATE_KEY);
  for (const { url } of [...instances, proxy]) {
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await fetch(`${url}/v0/face/enrollment/list`, { headers })).status, 200);
  }
});

test('what is outside sees neither the metrics nor the addresses of instances', async (t) => {
  if (!needsBoth(t)) return;
  assert.equal((await fetch(`${proxy.url}/metrics`)).status, 404);
});

test('wrong keys of one client are counted by both instances, and no other client pays for them', async (t) => {
  if (!needsBoth(t)) return;
  const login = async (privateKey, from) => {
    const response = await fetch(`${proxy.url}/v0/login`, {
      method: 'POST',
      body: JSON.stringify({ privateKey }),
      headers: { 'x-forwarded-for': from },
    });
    return response.status;
  };
  // The client's address is this machine's, which is a trusted proxy's here: so the part before it counts.
  const statuses = [];
  for (let guess = 0; guess < 14; guess++) statuses.push(await login(`guess-${guess}`, '203.0.113.7'));
  assert.deepEqual(new Set(statuses.slice(0, 10)), new Set([401]));
  assert.equal(statuses.at(-1), 429);
  assert.equal(await login(PRIVATE_KEY, '203.0.113.8'), 200);
});

test('an instance that is killed costs no enrolment', async (t) => {
  if (!needsBoth(t)) return;
  const before = await call(proxy.url, 'GET', '/face/enrollment/list');
  const port = Number(new URL(instances[1].url).port);
  const { users } = await enrolMany(
    () => [proxy.url],
    photo,
    150,
    4,
    async (done) => {
      if (done !== 50) return;
      await instances[1].kill();
      await delay(500);
      instances[1] = await startSandbox([...flags(postgres.url), '--trusted-proxy', '127.0.0.1'], port);
    },
  );
  const { user_tokens: all } = await call(proxy.url, 'GET', '/face/enrollment/list');
  assert.equal(all.length, before.user_tokens.length + 150);
  assert.ok(users.every((user) => all.includes(user)));
  const compared = await call(proxy.url, 'POST', '/face/compare', form(photo, { user_token: users[0] }));
  assert.ok(compared.similarity > 99);
});
