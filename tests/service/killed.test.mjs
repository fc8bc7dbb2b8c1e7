// Instances and databases that are killed in the middle of enrolments, and instances that are stopped under load.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startPostgres } from '../../scripts/lib/postgres.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { call, enrolMany, flags, form, portrait } from './client.mjs';

const USERS = 1_000;
const CLIENTS = 8;

let photo, folder, postgres;

before(async () => {
  photo = await portrait();
  folder = await mkdtemp(join(tmpdir(), 'perse-service-'));
  postgres = await startPostgres();
  if (!postgres) console.log('PostgreSQL is not installed: tested WITHOUT it');
});
after(async () => {
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Instances on one store, of which each can be killed and started again. */
async function startInstances(count, data) {
  const instances = await Promise.all(Array.from({ length: count }, () => startSandbox(flags(data))));
  return {
    urls: () => instances.filter(Boolean).map(({ url }) => url),
    async restart(number, end = 'kill') {
      const instance = instances[number];
      await instance[end]();
      instances[number] = await startSandbox(flags(data), Number(new URL(instance.url).port));
    },
    stop: () => Promise.all(instances.map((instance) => instance.stop())),
  };
}

/** Checks that exactly these users are enrolled, and that one of them is recognised. */
async function assertEnrolled(url, users) {
  const list = await call(url, 'GET', '/face/enrollment/list');
  assert.equal(new Set(users).size, users.length);
  assert.deepEqual(new Set(list.user_tokens), new Set(users));
  assert.equal(list.total_users, users.length);
  const compared = await call(url, 'POST', '/face/compare', form(photo, { user_token: users.at(-1) }));
  assert.ok(compared.similarity > 99, JSON.stringify(compared));
}

test('a killed instance on SQLite loses no enrolment and makes none twice', async () => {
  const instances = await startInstances(1, join(folder, 'users.sqlite'));
  const { users, repeated } = await enrolMany(instances.urls, photo, USERS, CLIENTS, async (done) => {
    if (done === 250 || done === 600) await instances.restart(0);
  });
  assert.ok(repeated > 0, 'nothing was interrupted');
  await assertEnrolled(instances.urls()[0], users);
  await instances.stop();
});

test('two instances on PostgreSQL, of which each is killed, and then the database', async (t) => {
  if (!postgres) return t.skip('PostgreSQL is not installed');
  const instances = await startInstances(2, postgres.url);
  const { users, repeated } = await enrolMany(instances.urls, photo, USERS, CLIENTS, async (done) => {
    if (done === 200) await instances.restart(0);
    if (done === 400) await instances.restart(1);
    if (done === 600) {
      await postgres.kill();
      await postgres.start();
    }
  });
  assert.ok(repeated > 0, 'nothing was interrupted');
  for (const url of instances.urls()) await assertEnrolled(url, users);
  await instances.stop();
});

test('an instance that is stopped under load answers what it has begun', async () => {
  const instances = await startInstances(1, join(folder, 'stopped.sqlite'));
  const [url] = instances.urls();
  let stopping;
  const answers = Array.from({ length: 24 }, async () => {
    const response = await fetch(`${url}/v0/face/enrollment`, {
      method: 'POST',
      body: form(photo),
      headers: { 'x-api-key': 'a-private-key-of-the-tests' },
    });
    // The first response shows that the others have been begun.
    stopping ??= instances.stop();
    return response.json();
  });
  const users = (await Promise.all(answers)).map(({ user_token: user }) => user);
  await stopping;
  assert.ok(users.every(Boolean), JSON.stringify(users));
  const again = await startInstances(1, join(folder, 'stopped.sqlite'));
  await assertEnrolled(again.urls()[0], users);
  await again.stop();
});
