// Running other programs, and where this project's own tools are.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Folder that all clones of this user share; nothing global is changed. */
export const cacheDir = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'perse-wasm');

/** Tools of pinned versions. */
export const toolsDir = process.env.PERSE_TOOLS ?? join(cacheDir, 'tools');

/** Path of one of this project's own tools. */
export function tool(name) {
  const path = join(toolsDir, 'bin', name);
  if (!existsSync(path)) fail(`${name} is not installed yet: run scripts/setup first.`);
  return path;
}

/** Runs a program to its end in the project's folder, with its output shown; leaves when it fails. */
export function run(program, args, env = {}) {
  finish(program, args, { env: { ...process.env, ...env } });
}

/** The same, and gives what it wrote. */
export function output(program, args) {
  return finish(program, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
}

function finish(program, args, options) {
  const { status, error, signal, stdout } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    // cargo's list of all crates is a megabyte.
    maxBuffer: 2 ** 26,
    ...options,
  });
  if (error) fail(`${program} could not be started: ${error.message}`);
  if (status !== 0) fail(`${program} ${args.join(' ')}: ${signal ?? `exit code ${status}`}`);
  return stdout;
}

/** Ends this script with a message for a person. */
export function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
