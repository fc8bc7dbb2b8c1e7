// A sandbox of its own for each test, on a free port.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { root } from './run.mjs';

/** Sandboxes still running: they end with this script, however that ends. */
const running = new Set();
process.once('exit', () => running.forEach((server) => server.kill()));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** Starts the built sandbox; `stop` ends it gracefully and waits for it. */
export async function startSandbox(args, port = 0) {
  const server = spawn('target/release/perse-sandbox', ['--port', String(port), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', process.env.PERSE_VERBOSE ? 'inherit' : 'ignore'],
  });
  running.add(server);
  const ended = once(server, 'exit').finally(() => running.delete(server));
  const [line] = await Promise.race([
    once(createInterface(server.stdout), 'line'),
    ended.then(([code]) => {
      throw new Error(`The sandbox ended with code ${code}; PERSE_VERBOSE=1 shows why.`);
    }),
  ]);
  const url = line.replace('listening on ', '');
  return {
    url,
    pid: server.pid,
    /** The page's address: a browser trusts `localhost` with the camera. */
    page: url.replace('127.0.0.1', 'localhost'),
    /** Returns a session token for the private key that it was started with. */
    async login(privateKey) {
      const response = await fetch(`${url}/v0/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ privateKey }),
      });
      return (await response.json()).token;
    },
    async stop() {
      server.kill('SIGTERM');
      await ended;
    },
    /** Ends it at once, as the lack of memory or a power cut would. */
    async kill() {
      server.kill('SIGKILL');
      await ended;
    },
  };
}
