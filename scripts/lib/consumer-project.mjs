// Throwaway projects that install the packed package as its user would, and their programs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './run.mjs';

const NPM_FLAGS = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
const LINES_TO_SHOW = 40;
/** Files of a project that was used in place, which are not copied. */
const NOT_COPIED = ['node_modules', 'package-lock.json', '.next'];

/** Programs and folders that end with this script, however it ends. */
const running = new Set();
const folders = new Set();
process.once('exit', () => {
  running.forEach(kill);
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** Packs `pkg/` as `npm publish` would; gives the tarball and the files in it. */
export async function pack() {
  const folder = await makeFolder('perse-pack-');
  const output = await execute('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], {
    cwd: join(root, 'pkg'),
  });
  const answer = JSON.parse(output);
  const [{ filename, files }] = Array.isArray(answer) ? answer : Object.values(answer);
  return {
    tarball: join(folder, filename),
    files: files.map(({ path }) => path),
    remove: () => removeFolder(folder),
  };
}

/** Copies a project out of this repository and installs the tarball, and what it asks for, there. */
export async function createConsumerProject(source, tarball) {
  const folder = await makeFolder('perse-consumer-');
  const remove = () => removeFolder(folder);
  const at = (options) => ({ cwd: folder, ...options });
  try {
    const filter = (path) => !NOT_COPIED.includes(basename(path));
    await cp(source, folder, { recursive: true, filter });
    await execute('npm', ['install', ...NPM_FLAGS, tarball], at());
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    remove,
    /** Runs one of the project's scripts, or a program that it has installed, to its end. */
    run: (command, ...args) => execute('npx', ['--no-install', command, ...args], at()),
    /** Starts a server that says its address on a line which `pattern` matches. */
    serve: (pattern, command, ...args) => serve(pattern, 'npx', ['--no-install', command, ...args], at()),
  };
}

async function makeFolder(prefix) {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  folders.add(folder);
  return folder;
}

async function removeFolder(folder) {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  folders.delete(folder);
}

/** Runs a program to its end; gives its output, or throws with it unless it ended as it may. */
export async function execute(program, args, { cwd = root, seconds = 240, accept = [0] } = {}) {
  const child = start(program, args, cwd);
  let stdout = '';
  let all = '';
  child.stdout.on('data', (chunk) => ((stdout += chunk), (all += chunk)));
  child.stderr.on('data', (chunk) => (all += chunk));
  const timer = setTimeout(() => kill(child), seconds * 1000);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  running.delete(child);
  if (accept.includes(code)) return stdout;
  const outcome =
    code === null ? `ended by ${signal} (its limit is ${seconds} seconds)` : `exit code ${code}`;
  throw new Error(`${program} ${args.join(' ')}: ${outcome}\n${lastLines(all)}`);
}

async function serve(pattern, program, args, { cwd, seconds = 60 }) {
  const child = start(program, args, cwd);
  const ended = once(child, 'close');
  const stop = async () => {
    kill(child);
    await ended;
    running.delete(child);
  };
  let all = '';
  const address = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        all += `${line}\n`;
        const match = line.match(pattern);
        if (match) resolve(match[1]);
      });
    }
  });
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, seconds * 1000)));
  const url = await Promise.race([address, ended.then(() => undefined), late]);
  clearTimeout(timer);
  if (url) return { url: url.replace(/\/$/, ''), stop };
  await stop();
  throw new Error(`${args.join(' ')} did not start to serve:\n${lastLines(all)}`);
}

/** Starts a program in a process group of its own, so that its children end with it. */
function start(program, args, cwd) {
  const env = {
    ...process.env,
    // Plain output, and nothing sent to anyone.
    ...{ CI: '1', NO_COLOR: '1', FORCE_COLOR: undefined, NEXT_TELEMETRY_DISABLED: '1' },
    // This project's own npm run and test runner are not the consumer's.
    ...{ NODE_ENV: undefined, NODE_TEST_CONTEXT: undefined, INIT_CWD: undefined },
  };
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.on('error', () => {});
  running.add(child);
  return child;
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const lastLines = (text) => text.trimEnd().split('\n').slice(-LINES_TO_SHOW).join('\n');
