// A store of the examples on a real database: node stores.mjs postgres
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createPostgresStore } from './stores/postgres.mjs';
import { createRedisStore } from './stores/redis.mjs';

/** Exit code of a test that cannot run here. */
const SKIPPED = 77;

const databases = {
  /** PostgreSQL itself, compiled to WebAssembly. */
  async postgres() {
    const { PGlite } = await import('@electric-sql/pglite');
    const db = new PGlite();
    await db.query(
      'CREATE TABLE verification (key text PRIMARY KEY, value text NOT NULL, until timestamptz NOT NULL)',
    );
    return { store: createPostgresStore(db), stop: () => db.close() };
  },
  async redis() {
    const port = await freePort();
    const server = spawn('redis-server', ['--port', String(port), '--save', ''], { stdio: 'ignore' });
    const [error] = await Promise.race([once(server, 'error'), once(server, 'spawn')]);
    if (error) {
      console.log('no server: redis-server is not installed');
      process.exit(SKIPPED);
    }
    const { createClient } = await import('redis');
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    client.on('error', () => {});
    await client.connect();
    const stop = async () => {
      client.destroy();
      server.kill();
    };
    return { store: createRedisStore(client), stop };
  },
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

const { store, stop } = await databases[process.argv[2]]();
assert.equal(await store.get('a'), undefined);
await store.set('a', '0', 60_000);
assert.equal(await store.get('a'), '0');

// Many changes at once, none of which may be lost.
const increase = (value) => String(Number(value) + 1);
await Promise.all(Array.from({ length: 30 }, () => store.update('a', increase, 60_000)));
assert.equal(await store.get('a'), '30');

// Nothing is changed where nothing is to be, or there is nothing.
await store.update('a', () => undefined, 60_000);
assert.equal(await store.get('a'), '30');
await store.update('missing', increase, 60_000);
assert.equal(await store.get('missing'), undefined);

await store.set('short', 'x', 200);
await store.update('a', increase, 200);
await new Promise((resolve) => setTimeout(resolve, 400));
assert.equal(await store.get('short'), undefined);
assert.equal(await store.get('a'), undefined);
await store.update('a', increase, 200);
assert.equal(await store.get('a'), undefined);
await stop();
console.log('passed');
