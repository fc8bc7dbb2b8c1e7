#!/usr/bin/env node
// The service under load: requests per second and latencies of one and of two instances, each pinned to a core, on both
// stores; beside the peer behind a minimal HTTP server; and what a call costs with more users. Arguments choose parts of
// it: throughput, peer, growth.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { crop } from '../tests/e2e/photos.mjs';
import { fail, root, run } from './lib/run.mjs';
import { startPostgres } from './lib/postgres.mjs';
import { startSandbox } from './lib/sandbox.mjs';

const SECONDS = 5;
const CONNECTIONS = [1, 8, 32];
const USERS = [100, 10_000, 1_000_000];
const KEY = 'a-private-key-of-this-measurement';
const BOUNDARY = 'a-boundary-of-this-measurement';

process.chdir(root);
run('cargo', ['build', '--release', '--package', 'perse-sandbox', '--examples', '--bins']);
if (spawnSync('taskset', ['-V']).status !== 0) fail('taskset is missing: install util-linux.');

const folder = mkdtempSync(join(tmpdir(), 'perse-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const photo = await crop(3, [865, 45, 640, 640]).resize(1200).jpeg({ quality: 85 }).toBuffer();
const other = await crop(1, [1297, 40, 560, 560]).resize(1200).jpeg({ quality: 85 }).toBuffer();
const postgres = await startPostgres();
if (!postgres) console.log('PostgreSQL is not installed: measured WITHOUT it');
let files = 0;
const stores = {
  SQLite: () => join(folder, `users-${(files += 1)}.sqlite`),
  ...(postgres && { PostgreSQL: () => postgres.url }),
};

console.log(`${cpus().length} cores, ${cpus()[0].model}; photos of 1200 × 1200, ${photo.length} bytes`);
const single = {};
const parts = process.argv.length > 2 ? process.argv.slice(2) : ['throughput', 'peer', 'growth'];
if (parts.includes('throughput')) {
  for (const [store, data] of Object.entries(stores)) {
    for (const count of [1, 2]) await throughput(store, data(), count);
  }
}
if (parts.includes('peer')) await peer();
if (parts.includes('growth')) {
  for (const [store, data] of Object.entries(stores)) await growth(store, data());
}
await postgres?.stop();

async function throughput(store, data, count) {
  title(`${count} instance${count > 1 ? 's' : ''} on ${store}, a core each`);
  const instances = [];
  for (let core = 0; core < count; core++) instances.push(await startInstance(data, core));
  const token = await instances[0].login(KEY);
  const user = await enrol(instances[0], token);
  const calls = {
    detect: ['POST', '/v0/face/detect', form({ image_file: photo })],
    'compare with a user': ['POST', '/v0/face/compare', form({ image_file: photo, user_token: user })],
    'compare two photos': ['POST', '/v0/face/compare', form({ image_file1: photo, image_file2: other })],
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const connections of CONNECTIONS) {
      const result = measure(connections, token, call, instances);
      const id = `${store} ${name} ${connections}`;
      if (count === 1) single[id] = result.perSecond;
      const ratio = count > 1 ? `, ${(result.perSecond / single[id]).toFixed(2)} × one` : '';
      row(name, connections, result, ratio);
    }
  }
  console.log(`peak memory ${instances.map(({ pid }) => `${peak(pid)} MB`).join(' and ')}`);
  await Promise.all(instances.map((instance) => instance.stop()));
}

async function startInstance(data, core) {
  const flags = [
    '--private-key',
    KEY,
    '--jwt-secret',
    'of this measurement',
    '--data',
    data,
    '--token-ttl',
    '3600',
  ];
  const instance = await startSandbox([...flags, '--workers', '1']);
  pin(instance.pid, core);
  return instance;
}

/** The peer on one core, and an instance on the same, in turn. */
async function peer() {
  for (const detector of ['ssd', 'tiny']) {
    title(`@vladmandic/face-api (${detector}) in Node.js beside one instance, on one core`);
    const child = spawn('node', ['scripts/eval-peer/serve.mjs', detector], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await new Promise((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        if (line.startsWith('listening on ')) resolve(line.replace('listening on ', ''));
      });
    });
    pin(child.pid, 0);
    const instance = await startInstance(stores.SQLite(), 0);
    const token = await instance.login(KEY);
    const calls = {
      detect: ['POST', '/v0/face/detect', form({ image_file: photo })],
      'compare two photos': ['POST', '/v0/face/compare', form({ image_file1: photo, image_file2: other })],
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const connections of [1, 8]) {
        const ours = measure(connections, token, call, [instance]);
        const result = measure(connections, '-', call, [{ url }]);
        if (connections === 1) console.log(`the peer's response: ${await sample(url, call)}`);
        row(
          name,
          connections,
          result,
          `; the instance ${(ours.perSecond / result.perSecond).toFixed(1)} × as many`,
        );
      }
    }
    console.log(`peak memory ${peak(child.pid)} MB; the instance ${peak(instance.pid)} MB`);
    child.kill();
    await Promise.all([once(child, 'exit'), instance.stop()]);
  }
}

async function growth(store, data) {
  title(`more users on ${store}, one connection`);
  const instance = await startInstance(data, 0);
  const token = await instance.login(KEY);
  const user = await enrol(instance, token);
  let users = 1;
  for (const count of USERS) {
    const missing = String(count - users);
    execFileSync('target/release/examples/fill', [data, missing]);
    users = count;
    console.log(`${count.toLocaleString('en')} users`);
    const compare = ['POST', '/v0/face/compare', form({ image_file: photo, user_token: user })];
    const list = '/v0/face/enrollment/list';
    row('compare with a user', 1, measure(1, token, compare, [instance]));
    row('first 100 of the list', 1, measure(1, token, ['GET', `${list}?limit=100`], [instance]));
    row('the whole list', 1, measure(1, token, ['GET', list], [instance]));
  }
  console.log(`peak memory ${peak(instance.pid)} MB`);
  await instance.stop();
}

/** A form as a file, and its type. */
function form(fields) {
  const parts = Object.entries({ client_declaration_enduser_consent: 'true', ...fields }).flatMap(
    ([name, value]) => [
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"`,
      typeof value === 'string' ? '' : '; filename="photo.jpg"\r\nContent-Type: image/jpeg',
      '\r\n\r\n',
      value,
      '\r\n',
    ],
  );
  const path = join(folder, `form-${(files += 1)}`);
  writeFileSync(path, Buffer.concat([...parts, `--${BOUNDARY}--\r\n`].map((part) => Buffer.from(part))));
  return [path, `multipart/form-data; boundary=${BOUNDARY}`];
}

function measure(connections, token, [method, path, [body, type] = ['-', '-']], servers) {
  const addresses = servers.map(({ url }) => url.replace('http://', ''));
  const flags = [connections, SECONDS, token, method, path, body, type, ...addresses].map(String);
  return JSON.parse(execFileSync('target/release/examples/requests', flags, { encoding: 'utf8' }));
}

async function enrol({ url }, token) {
  const body = new FormData();
  body.append('client_declaration_enduser_consent', 'true');
  body.append('image_file', new Blob([photo]));
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/v0/face/enrollment`, { method: 'POST', headers, body });
  return (await response.json()).user_token;
}

/** Returns what a server responds, in short, so that its work can be judged. */
async function sample(url, [method, path, [body, type]]) {
  const response = await fetch(url + path, {
    method,
    body: readFileSync(body),
    headers: { 'content-type': type },
  });
  const json = await response.json();
  return json.faces ? `${json.faces.length} faces` : JSON.stringify(json);
}

function pin(pid, core) {
  execFileSync('taskset', ['-acp', String(core % cpus().length), String(pid)], { stdio: 'ignore' });
}

function peak(pid) {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);
}

function row(name, connections, { perSecond, p50, p95, p99 }, note = '') {
  const ms = [p50, p95, p99].map((time) => time.toFixed(1)).join(' / ');
  console.log(
    `${name.padEnd(22)} ${String(connections).padStart(2)} connections ${perSecond.toFixed(1).padStart(8)} /s   p50 / p95 / p99 ${ms} ms${note}`,
  );
}

function title(text) {
  console.log(`\n== ${text}`);
}
