// A PostgreSQL of the tests' own: a new cluster in a temporary folder, gone with the tests.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Debian keeps the server's programs there, a folder for each version. */
const DEBIAN = '/usr/lib/postgresql';

/** Returns the folder of PostgreSQL's server programs, or undefined where they are not installed. */
export function findPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ];
  const programs = ['initdb', 'postgres', 'pg_isready'];
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))));
}

/**
 * Starts an empty cluster, which trusts everyone on this machine's loopback. `durable: false` spares the disk where
 * nothing is killed. Undefined where PostgreSQL is not installed.
 */
export async function startPostgres({ durable = true } = {}) {
  const programs = findPostgres();
  if (!programs) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'perse-postgres-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // PostgreSQL refuses to run as root.
  const user = process.getuid?.() === 0 ? unprivilegedUser() : {};
  if (user.uid) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' };
  const initdb = ['-D', data, '-U', 'perse', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const made = spawnSync(join(programs, 'initdb'), initdb, options);
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr ?? made.error}`);

  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: 400,
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server;
  const start = async () => {
    for (let attempt = 0; ; attempt++) {
      server = spawn(join(programs, 'postgres'), ['-D', data, ...flags], options);
      server.stderr.resume();
      if (await accepts(port, server)) return;
      // The children of a killed server end by themselves, and no new server starts before.
      if (attempt === 20) throw new Error(`PostgreSQL ended with code ${server.exitCode}.`);
      await delay(250);
    }
  };
  process.once('exit', () => server.kill('SIGQUIT'));
  await start();
  return {
    url: `postgres://perse@127.0.0.1:${port}/postgres`,
    /** Ends the server at once, as the lack of memory would. */
    async kill() {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
    /** Starts it again after `kill`; it recovers first. */
    start,
    async stop() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Finds a user without rights: PostgreSQL's own, or the system's. */
function unprivilegedUser() {
  const id = (flag, name) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  };
  const name = ['postgres', 'nobody'].find((name) => id('-u', name) !== undefined);
  return { uid: id('-u', name), gid: id('-g', name) };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves once the server takes connections and has recovered, as `pg_isready` finds out; to false if it ends. */
async function accepts(port, server) {
  const isReady = join(findPostgres(), 'pg_isready');
  for (let attempt = 0; attempt < 300; attempt++) {
    if (server.exitCode !== null) return false;
    if (spawnSync(isReady, ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0) return true;
    await delay(100);
  }
  throw new Error('PostgreSQL did not start within 30 seconds.');
}
