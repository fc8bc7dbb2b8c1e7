// Every way to use the package, tested as its user would: the packed tarball is installed into a throwaway
// project per consumer, built by that project's own tool, and its page driven in a real browser
// against the real sandbox until it shows the comparison of two photos.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { openBrowser } from '../../scripts/lib/browser.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { createConsumerProject, execute, pack } from '../../scripts/lib/consumer-project.mjs';
import { crop, makePhotos } from '../e2e/photos.mjs';
import { serveFolder } from './lib/static.mjs';
import { startHostile } from './runtimes/hostile.mjs';
import { attack, signUp } from './lib/attack.mjs';
import { assertCompared, compare, inPage, startedWorkers, submit } from './lib/page.mjs';

const PRIVATE_KEY = 'consumers-test';
const TICKET_SECRET = 'the tickets of the consumers, long enough';
const STEP = { timeout: 120_000 };
/** More than an empty module of any bundler, less than the smallest thing of the package. */
const NOTHING = 300;

const wanted = process.env.PERSE_CONSUMERS?.split(',').filter(Boolean) ?? [];

let packed, sandbox, browser, photos, settings;

before(
  async () => {
    [packed, sandbox, browser, photos] = await Promise.all([
      pack(),
      startSandbox(['--private-key', PRIVATE_KEY, '--cors', '*']),
      openBrowser(process.env.PERSE_ENGINE ?? 'chromium'),
      makePhotos(),
    ]);
    const token = await sandbox.login(PRIVATE_KEY);
    settings = { api: `${sandbox.url}/v0`, token, photos: [photos.firstPerson, photos.fromPhone] };
    // Node.js has nothing that could resize a photo.
    settings.fitting = [photos.firstPerson, photos.firstPersonAgain];
  },
  { timeout: 60_000 },
);

after(() => Promise.all([packed?.remove(), sandbox?.stop(), browser?.quit(), photos?.remove()]));

consumer('webpack', (project) => {
  test('a page built without configuration', STEP, async () => {
    await project().run('npm', 'run', 'build');
    await works(project(), 'index.html');
  });
  test('its camera guides', STEP, () => guides(project(), 'index.html'));
  test('the slim entry finds its file', STEP, async () => {
    await project().run('npm', 'run', 'build:slim');
    await works(project(), 'slim.html');
  });
  test('an unused import is dropped', STEP, () => isDropped(project(), 'unused.js'));
});

// They do not know `exports`, nor any syntax after 2018.
for (const old of ['webpack4', 'browserify']) {
  consumer(old, (project) => {
    test('a page built without configuration', STEP, async () => {
      await project().run('npm', 'run', 'build');
      await works(project(), 'index.html');
    });
    test('its camera guides, with the URL of the weights', STEP, () => guides(project(), 'index.html'));
  });
}

consumer('commonjs', (project) => {
  for (const [name, node] of [
    ['Node.js', 'node'],
    ['Node.js 18', 'node_modules/node18/bin/node'],
  ]) {
    test(`every entry is required, and two photos are compared, in ${name}`, STEP, async (context) => {
      const { folder: cwd } = project();
      if (node !== 'node' && !existsSync(join(cwd, node))) return context.skip('only on Linux, x64');
      const args = ['compare.js', settings.api, settings.token, ...settings.fitting];
      assertCompared(JSON.parse(await execute(node, args, { cwd, seconds: 60 })));
    });
  }
});

for (const runner of ['jest', 'vitest']) {
  consumer(runner, (project) => {
    test('its tests pass', STEP, async () => {
      process.env.PERSE_VALUES = JSON.stringify([settings.api, settings.token, ...settings.fitting]);
      await project().run('npm', 'test');
    });
  });
}

// The current one, and the oldest that is still in wide use.
for (const vite of ['vite', 'vite5']) {
  consumer(vite, (project) => {
    for (const page of ['index.html', 'slim.html']) {
      test(`${page} on the dev server`, STEP, async () => {
        await worksServed(project(), page, /Local:\s+(http\S+)/, 'vite', '--port', '0');
      });
    }
    test('the camera guides on the dev server', STEP, async () => {
      const server = await project().serve(/Local:\s+(http\S+)/, 'vite', '--port', '0');
      await assertGuided(`${server.url}/index.html`).finally(() => server.stop());
    });
    test('index.html, built', STEP, async () => {
      await project().run('npm', 'run', 'build');
      await works(project(), 'index.html', { folder: 'dist' });
    });
    test('its camera guides', STEP, () => guides(project(), 'index.html', { folder: 'dist' }));
    test('slim.html, built', STEP, async () => {
      await buildSlim(project());
      await works(project(), 'index.html', { folder: 'dist' });
    });
  });
}

for (const framework of ['react', 'vue', 'svelte', 'angular']) {
  consumer(framework, (project) => {
    test('its camera element guides, and its listener has the photo', STEP, async () => {
      await project().run('npm', 'run', 'build');
      await withServer(project(), { folder: 'dist' }, ({ url }) => assertElementGuides(`${url}/index.html`));
    });
  });
}

consumer('rollup', (project) => {
  test('a page built with node-resolve', STEP, async () => {
    await project().run('npm', 'run', 'build');
    await works(project(), 'index.html');
  });
  test('its camera guides', STEP, () => guides(project(), 'index.html'));
  test('an unused import is dropped', STEP, () => isDropped(project(), 'unused.js'));
});

consumer('esbuild', (project) => {
  test('a page built with code splitting', STEP, async () => {
    await project().run('npm', 'run', 'build');
    await works(project(), 'index.html');
  });
  test('its camera guides', STEP, () => guides(project(), 'index.html'));
  test('a page built into one classic script', STEP, async () => {
    await project().run('npm', 'run', 'build:one-file');
    await works(project(), 'one-file.html');
  });
  test('the slim entry, its file copied by the file loader', STEP, async () => {
    await project().run('npm', 'run', 'build:slim');
    await works(project(), 'slim.html');
  });
  test('an unused import is dropped', STEP, () => isDropped(project(), 'unused.js'));
});

consumer('next', (project) => {
  test('a page on the development server', STEP, async () => {
    await worksServed(project(), '', /Local:\s+(http\S+)/, 'next', 'dev', '--port', '0');
  });
  test('a page with a server import and a client call', { timeout: 400_000 }, async () => {
    await project().run('npm', 'run', 'build');
    const server = await project().serve(/Local:\s+(http\S+)/, 'next', 'start', '--port', '0');
    try {
      const html = await fetch(server.url).then((answer) => answer.text());
      assert.match(html, /data-server="function"/, 'the server component has used its import');
      assertCompared(await compare(browser.driver, server.url, settings));
      await assertGuided(server.url);
    } finally {
      await server.stop();
    }
  });
});

consumer('script-tag', (project) => {
  const pages = ['plain', 'defer', 'async', 'injected'];
  const policy = (script, more = '') => ({
    'content-security-policy': `default-src 'self'; script-src ${script}; connect-src ${sandbox.url}${more}`,
  });
  for (const page of pages) {
    test(`${page}, over http`, STEP, () => works(project(), `${page}.html`));
    test(`${page}, as a file`, STEP, async () => {
      const { href } = pathToFileURL(join(project().folder, `${page}.html`));
      assertCompared(await compare(browser.driver, href, settings));
    });
  }
  test('under the documented policy', STEP, async () => {
    const headers = policy("'self' 'wasm-unsafe-eval'", '; worker-src blob:');
    await works(project(), 'plain.html', { headers });
  });
  test('its camera guides, also under the documented policy', STEP, async () => {
    await guides(project(), 'camera.html');
    const headers = policy("'self' 'unsafe-inline' 'wasm-unsafe-eval'", '; worker-src blob:');
    headers['content-security-policy'] = headers['content-security-policy'].replace(
      'connect-src',
      "connect-src 'self'",
    );
    await guides(project(), 'camera.html', { headers });
  });
  test('under a policy that requires Trusted Types', STEP, async () => {
    const types = "; require-trusted-types-for 'script'; trusted-types perse-wasm";
    const headers = policy("'self' 'wasm-unsafe-eval'", `; worker-src blob:${types}`);
    await works(project(), 'plain.html', { headers });
  });
  test('under a policy that forbids the worker, the page does its work', STEP, async () => {
    const headers = policy("'self' 'wasm-unsafe-eval'");
    assertCompared(await compareOn(project(), 'defer.html', { headers }));
  });
  test("a policy without 'wasm-unsafe-eval' gives an answer that names it", STEP, async () => {
    const answer = await compareOn(project(), 'plain.html', { headers: policy("'self'") });
    assert.equal(answer.code, 'wasm_unavailable', JSON.stringify(answer));
    assert.match(answer.cause, /add 'wasm-unsafe-eval' to script-src/);
    assert.doesNotMatch(answer.message, /script-src/, 'a person reads the message');
  });
});

consumer('esm', (project) => {
  for (const page of ['index', 'path', 'slim']) {
    test(`${page}.html, without a bundler`, STEP, () => works(project(), `${page}.html`));
  }

  test('its camera guides', STEP, () => guides(project(), 'index.html'));

  test('importing loads nothing more than the entry', STEP, () =>
    withServer(project(), {}, async ({ url }) => {
      await browser.driver.get(`${url}/empty.html`);
      for (const entry of ['index', 'slim']) {
        const { compiled, loaded } = await inPage(
          browser.driver,
          importOnly,
          `node_modules/perse-wasm/${entry}.js`,
        );
        assert.deepEqual(compiled, []);
        assert.deepEqual(loaded, [`${entry}.js`]);
      }
    }),
  );

  test('a browser without DecompressionStream is served, too', STEP, () =>
    withServer(project(), {}, async ({ url }) => {
      await browser.driver.get(`${url}/empty.html`);
      assert.equal(await inPage(browser.driver, callWithoutDecompression), 'invalid_file_type');
    }),
  );

  test('a wrong MIME type costs no more than the streaming compile', STEP, async () => {
    await works(project(), 'slim.html', { types: { '.wasm': 'application/octet-stream' } });
  });

  test('a strict policy also takes the slim entry', STEP, async () => {
    const policy = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${sandbox.url}; worker-src blob:`;
    // The import map is inline, which such a policy forbids.
    const page = await readFile(join(project().folder, 'path.html'), 'utf8');
    const code = await readFile(join(project().folder, 'path.js'), 'utf8');
    await writeFile(join(project().folder, 'slim-path.html'), page.replace('path.js', 'slim-path.js'));
    await writeFile(join(project().folder, 'slim-path.js'), code.replace('index.js', 'slim.js'));
    await works(project(), 'slim-path.html', { headers: { 'content-security-policy': policy } });
  });

  test('a service worker is told of the entry that runs there', STEP, (context) =>
    withServer(project(), {}, async ({ url }) => {
      // A service worker needs a secure context, which a host by its name is.
      await browser.driver.get(`${url.replace('127.0.0.1', 'localhost')}/empty.html`);
      const results = await inPage(browser.driver, callInServiceWorker);
      if (!results) return context.skip('no modules in service workers');
      assert.equal(results[0].code, 'wasm_unavailable');
      assert.match(results[0].cause, /Import perse-wasm\/perse\.global\.js/);
      assert.equal(results[1].code, 'unauthorized', 'it runs, without a token');
    }),
  );

  test('a file that never arrives gives an answer in time', STEP, () =>
    withServer(project(), { silent: '.wasm' }, async ({ url }) => {
      await browser.driver.get(`${url}/empty.html`);
      const { code, cause } = await inPage(browser.driver, callWithin, 500);
      assert.equal(code, 'timeout', cause);
      assert.match(cause, /WebAssembly did not load in 500 ms/);
    }),
  );

  test('the server entry refuses to run in a page and in its workers, and sends nothing', STEP, () =>
    withServer(project(), {}, async ({ url }) => {
      await browser.driver.get(`${url}/empty.html`);
      const answers = await inPage(browser.driver, createSessionInPage, 'node_modules/perse-wasm/server.js');
      assert.deepEqual(Object.keys(answers), ['page', 'worker']);
      for (const { code, message, sent, verifications } of Object.values(answers)) {
        assert.equal(code, 'invalid_request', message);
        assert.match(verifications, /createVerifications does not run in a browser/);
        assert.match(message, /does not run in a browser: the private key must stay on your server/);
        assert.equal(sent, 0);
      }
    }),
  );

  for (const [what, options] of [
    ['a missing file', {}],
    ['a page in place of the file', { fallback: 'slim.html' }],
  ]) {
    test(`${what} gives an answer that says what to do, and the next call works`, STEP, async () => {
      const package_ = join(project().folder, 'node_modules', 'perse-wasm');
      await rename(join(package_, 'perse.wasm'), join(project().folder, 'moved.wasm'));
      try {
        await withServer(project(), options, async ({ url }) => {
          const answer = await compare(browser.driver, `${url}/slim.html`, settings);
          assert.equal(answer.code, 'wasm_unavailable', JSON.stringify(answer));
          assert.match(answer.cause, /perse-wasm\/perse\.wasm, or .*Perse\.configure\(\{ wasm: url \}\)/);
          const code = await inPage(browser.driver, callAfterConfigure, `${url}/moved.wasm`);
          assert.equal(code, 'invalid_file_type', 'the core has looked at the photo');
        });
      } finally {
        await rename(join(project().folder, 'moved.wasm'), join(package_, 'perse.wasm'));
      }
    });
  }
});

consumer('node', (project) => {
  test('importing works, and ends', STEP, async () => {
    const code = "import('perse-wasm').then((Perse) => console.log(typeof Perse.face.compare))";
    const output = await execute('node', ['-e', code], { cwd: project().folder, seconds: 20 });
    assert.equal(output.trim(), 'function');
  });
  for (const script of ['compare.js', 'slim.js']) {
    test(`${script} compares two photos`, STEP, async () => {
      const args = [script, settings.api, settings.token, ...settings.fitting];
      assertCompared(JSON.parse(await execute('node', args, { cwd: project().folder, seconds: 60 })));
    });
  }
  test('its own checks pass', STEP, async () => {
    const args = ['--test', '--test-reporter=tap', 'checks.test.js'];
    await execute('node', args, { cwd: project().folder, seconds: 60 });
  });
});

consumer('runtimes', (project) => {
  let hostile, own;
  before(async () => (hostile = await startHostile(await readFile(photos.firstPerson))));
  after(() => hostile?.stop());
  // One each: its limit of wrong keys is for one address, which is the same for all.
  beforeEach(async () => (own = await startSandbox(['--private-key', PRIVATE_KEY])));
  afterEach(() => own?.stop());

  const values = () => [`${own.url}/v0`, hostile.url, PRIVATE_KEY];
  const passed = (output) => {
    const { count, problems } = JSON.parse(output);
    assert.deepEqual(problems, [], problems.join('\n'));
    assert.ok(count > 100, `only ${count} checks`);
    assert.deepEqual(hostile.stolen, [], 'no redirect was followed with the key');
  };

  const nodeOf = (version) => `node_modules/node${version}/bin/node`;
  for (const [name, program, ...args] of [
    ['Node.js', 'node', 'run.mjs'],
    ...[18, 22, 24].map((version) => [`Node.js ${version}`, nodeOf(version), 'run.mjs']),
    ['Deno', 'npx', '--no-install', 'deno', 'run', '--allow-net', 'run.mjs'],
    ['Bun', 'npx', '--no-install', 'bun', 'run.mjs'],
    ["Vercel's edge runtime", 'node', 'edge.mjs'],
  ]) {
    test(`perse-wasm/server in ${name}`, STEP, async (context) => {
      const { folder: cwd } = project();
      const isInstalled = !program.startsWith('node_modules') || existsSync(join(cwd, program));
      if (!isInstalled) return context.skip('only on Linux, x64');
      passed(await execute(program, [...args, ...values()], { cwd, seconds: 60 }));
    });
  }

  for (const age of ['old', 'new']) {
    test(`perse-wasm/server in Cloudflare's runtime, ${age}`, STEP, async () => {
      // It says its port in JSON to whom it is told to.
      const command = ['workerd', 'serve', '--control-fd=1', 'workerd.capnp', age];
      const { url: port, stop } = await project().serve(/"port":\s*(\d+)/, ...command);
      try {
        const [api, hostile, privateKey] = values();
        const query = new URLSearchParams({ api, hostile, privateKey });
        passed(await fetch(`http://127.0.0.1:${port}/?${query}`).then((answer) => answer.text()));
      } finally {
        await stop();
      }
    });
  }
});

for (const name of ['examples/node', 'examples/express']) {
  consumer(name, (project) => {
    signsIn(() => serveWithKey(project(), PRIVATE_KEY, 0, /listening on (http\S+)/, 'node', 'server.mjs'));

    test('with a wrong key the page gets no reason', STEP, async () => {
      const command = [/listening on (http\S+)/, 'node', 'server.mjs'];
      const server = await serveWithKey(project(), 'another-key', 0, ...command);
      try {
        const { message } = await signUp(server.url, 'ada', photos.firstPerson).catch((error) => error);
        assert.match(message, /The face verification is not available/);
        assert.doesNotMatch(message, /private ?key|unauthorized/i);
      } finally {
        await server.stop();
      }
    });
  });
}

consumer('examples/next', (project) => {
  const serve = (...command) =>
    serveWithKey(project(), PRIVATE_KEY, undefined, /Local:\s+(http\S+)/, 'next', ...command, '--port', '0');
  signsIn(() => serve('dev'), 'on the development server');
  test('it is built', { timeout: 400_000 }, () => project().run('npm', 'run', 'build'));
  signsIn(() => serve('start'), 'built');
});

// The example's adapter under the other frameworks of Node.js, and its stores on real databases.
consumer('adapters', (project) => {
  before(async () => {
    for (const path of ['node/adapter.mjs', 'stores']) {
      const source = fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
      await cp(source, join(project().folder, basename(path)), { recursive: true });
    }
  });
  for (const framework of ['express4', 'express5', 'fastify', 'node']) {
    test(`the handler under ${framework}`, STEP, async () => {
      const command = [/listening on (http\S+)/, 'node', 'server.mjs', framework];
      const server = await serveWithKey(project(), PRIVATE_KEY, 0, ...command);
      try {
        await checkHandler(server.url);
      } finally {
        await server.stop();
      }
    });
  }
  for (const store of ['postgres', 'redis']) {
    test(`a store on ${store}`, STEP, async (context) => {
      const args = ['stores.mjs', store];
      const output = await execute('node', args, { cwd: project().folder, seconds: 60, accept: [0, 77] });
      if (output.includes('no server')) context.skip(output.trim());
    });
  }
});

/** A whole sign-up and login in the browser, then the attack, on an example's server. */
function signsIn(serve, where = '') {
  test(`the honest person signs up and logs in, ${where}`, { timeout: 200_000 }, async () => {
    const server = await serve();
    try {
      const { driver } = browser;
      await driver.get(server.url);
      assert.equal(await submit(driver, 'sign-up', 'ada', photos.firstPerson), 'Welcome, ada.');
      // Another browser session, another photo.
      await driver.manage().deleteAllCookies();
      await driver.get(server.url);
      assert.equal(await submit(driver, 'login', 'ada', photos.firstPersonAgain), 'Welcome, ada.');
      await driver.manage().deleteAllCookies();
      await driver.get(server.url);
      const another = await submit(driver, 'login', 'ada', photos.secondPerson);
      assert.match(another, /do(es)? not (look|seem)|not similar|aren't|don't/i);
    } finally {
      await server.stop();
    }
  });
  test(`the attacker does not, ${where}`, { timeout: 200_000 }, async () => {
    const server = await serve();
    try {
      await attack({ url: server.url, api: settings.api, secret: TICKET_SECRET, photos });
    } finally {
      await server.stop();
    }
  });
}

/** Errors that a framework may make between the page and the handler. */
async function checkHandler(url) {
  const { tickets } = await fetch(`${url}/tickets`).then((response) => response.json());
  const send = (path, init) => fetch(`${url}/perse/v0${path}`, init);
  const headers = { authorization: `Bearer ${tickets.detect}` };
  const photo = (bytes) => {
    const form = new FormData();
    form.append('client_declaration_enduser_consent', 'true');
    form.append('image_file', new Blob([bytes]));
    return form;
  };
  const face = photo(await readFile(photos.firstPerson));
  const cases = [
    [{ method: 'GET' }, '/face/enrollment/list', 401],
    [{ method: 'GET', headers }, '/face/enrollment/list', 403],
    [{ method: 'DELETE', headers }, '/face/enrollment/x', 403],
    [{ method: 'PUT', headers, body: photo(new Uint8Array(10)) }, '/face/enrollment', 403],
    [{ method: 'POST', headers, body: photo(new Uint8Array(5_000_000)) }, '/face/detect', 413],
    [{ method: 'POST', headers, body: '{}' }, '/face/detect', 415],
    [{ method: 'POST', headers }, '/nothing', 404],
    [{ method: 'POST', headers, body: face }, '/face/detect', 200],
    [{ method: 'POST', headers, body: face }, '/face/detect', 401],
  ];
  for (const [init, path, status] of cases) {
    const response = await send(path, init);
    const text = await response.text();
    assert.equal(response.status, status, `${init.method} ${path}: ${text}`);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.match(response.headers.get('x-request-id'), /^[\w-]{36}$/);
    assert.equal(JSON.parse(text).status === false, status !== 200);
  }
  // Heads that no Request can have: an answer or an end, and the server lives on.
  for (const head of [
    'TRACE /perse/v0/face/detect HTTP/1.1',
    'POST http://[/perse/v0/face/detect HTTP/1.1',
    'POST //[/perse/v0/face/detect HTTP/1.1',
    'POST /perse/v0/face/detect?%ff%zz HTTP/1.1\r\nAuthorization: Bearer \u00ff\u0080',
    'POST /perse/v0/face/detect HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=\r\nContent-Length: 5',
    'DELETE /perse/v0/face/../../../x HTTP/1.1',
  ]) {
    const response = await sendRaw(url, `${head}\r\nHost: localhost\r\nConnection: close\r\n\r\nbody`);
    assert.match(response, /^(HTTP\/1\.1 4\d\d |$)/, head);
  }
  const { results } = await fetch(`${url}/results`).then((response) => response.json());
  assert.equal(results.detect.status, 'passed');
}

/** Starts an example's server with what it takes from its environment. */
async function serveWithKey(project, privateKey, port, ...command) {
  const { PERSE_PRIVATE_KEY, PERSE_BASE_URL, PERSE_TICKET_SECRET, PORT } = process.env;
  Object.assign(process.env, {
    PERSE_PRIVATE_KEY: privateKey,
    PERSE_BASE_URL: settings.api,
    PERSE_TICKET_SECRET: TICKET_SECRET,
    ...(port !== undefined && { PORT: port }),
  });
  try {
    return await project.serve(...command);
  } finally {
    for (const [name, value] of Object.entries({
      ...{ PERSE_PRIVATE_KEY, PERSE_BASE_URL, PERSE_TICKET_SECRET, PORT },
    })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** Sends bytes to a server as they are, and gives all that comes back. */
async function sendRaw(url, text) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(5_000, () => socket.destroy());
  socket.end(Buffer.from(text, 'latin1'));
  let response = '';
  try {
    for await (const chunk of socket) response += chunk;
  } catch {
    // The server may end it without a word.
  }
  return response;
}

/** A consumer's tests, in its throwaway project; skipped when others were asked for. */
function consumer(name, tests) {
  const skip = wanted.length > 0 && !wanted.includes(name);
  describe(name, { skip }, () => {
    let project;
    before(
      async () => {
        const place = name.startsWith('examples/') ? `../../${name}` : name;
        const source = fileURLToPath(new URL(place, import.meta.url));
        project = await createConsumerProject(source, packed.tarball);
      },
      { timeout: 300_000 },
    );
    after(() => project?.remove());
    tests(() => project);
  });
}

/** Serves a folder of the project while `action` runs. */
async function withServer(project, { folder = '.', ...options }, action) {
  const server = await serveFolder(join(project.folder, folder), options);
  try {
    return await action(server);
  } finally {
    await server.stop();
  }
}

const compareOn = (project, page, options = {}) =>
  withServer(project, options, ({ url }) => compare(browser.driver, `${url}/${page}`, settings));

async function works(project, page, options) {
  assertCompared(await compareOn(project, page, options));
  await assertWorker();
}

/** Checks that a worker resized one of the photos. */
async function assertWorker() {
  assert.ok((await startedWorkers(browser.driver)) > 0, 'the photo was prepared off the page');
}

/** Opens the camera of a page, gets the photo of the face that is before it, and compares it on the device. */
const guides = (project, page, options = {}) =>
  withServer(project, options, ({ url }) => assertGuided(`${url}/${page}`));

async function assertGuided(url) {
  const { api, token } = settings;
  await browser.driver.get(`${url}?${new URLSearchParams({ api, token })}`);
  await showToCamera();
  const { code, isGuided, verdict } = await inPage(browser.driver, takePhoto);
  assert.deepEqual([code, isGuided], ['success', true]);
  // Not from files that are required: the engine of photos is for modules.
  if (verdict) assert.deepEqual([verdict.code, verdict.source], ['similar', 'device'], verdict.message);
}

/** Opens the camera element of a framework's page, whose listener has the photo judged by the service. */
async function assertElementGuides(url) {
  const { api, token } = settings;
  await browser.driver.get(`${url}?${new URLSearchParams({ api, token })}`);
  await showToCamera();
  assert.equal(await inPage(browser.driver, takePhotoByElement), 'success');
}

/** Puts a face before the camera of the page. */
async function showToCamera() {
  const scene = await crop(3, [850, 130, 640, 480]).jpeg().toBuffer();
  await inPage(browser.driver, replaceCamera, scene.toString('base64'));
}

/** Runs in the page: a canvas takes the camera's place. Keeps the file as the global `scene`. */
async function replaceCamera(jpeg) {
  window.scene = new Blob([Uint8Array.from(atob(jpeg), (char) => char.charCodeAt(0))]);
  const photo = await createImageBitmap(window.scene);
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const context = canvas.getContext('2d');
  setInterval(() => context.drawImage(photo, 0, 0), 33);
  // WebKit collects it, and what is set on it.
  window.devices = navigator.mediaDevices;
  window.devices.getUserMedia = async () => canvas.captureStream(30);
}

/** Runs in the page: its camera takes a photo; without guidance no button is pressed. */
async function takePhoto() {
  while (!window.capture) await new Promise((resolve) => setTimeout(resolve, 10));
  const { code, photos } = await window.capture({ video: document.createElement('video') });
  const [taken] = photos ?? [];
  const verdict = taken && (await window.verifyHere?.(taken.blob, window.scene, { enduserConsent: true }));
  return { code, isGuided: taken?.face?.box.height > 200, verdict };
}

/** Runs in the page: starts its camera element, and waits for what the page then shows. */
async function takePhotoByElement() {
  let element, text;
  while (!(element = document.querySelector('perse-camera'))?.start) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await element.start();
  while (!(text = document.querySelector('#result').textContent)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return text;
}

/** As `works`, on a server of the project's own tool. */
async function worksServed(project, page, ...command) {
  const server = await project.serve(...command);
  try {
    assertCompared(await compare(browser.driver, `${server.url}/${page}`, settings));
    await assertWorker();
  } finally {
    await server.stop();
  }
}

/** Builds a Vite project whose only page is the slim one: Vite takes `index.html` without being told. */
async function buildSlim(project) {
  await rename(join(project.folder, 'slim.html'), join(project.folder, 'index.html'));
  await project.run('npm', 'run', 'build');
}

/** Whether a bundle of nothing but unused imports holds nothing of the package. */
async function isDropped(project, file) {
  const folder = join(project.folder, 'dist');
  const before = new Set(await readdir(folder));
  await project.run('npm', 'run', 'build:unused');
  const text = await readFile(join(folder, file), 'utf8');
  assert.doesNotMatch(text, /perse|WebAssembly/i);
  assert.ok(text.length < NOTHING, text);
  const added = (await readdir(folder)).filter((name) => !before.has(name));
  assert.deepEqual(added, [file], 'no chunk of the package either');
}

// These run in the page.

async function importOnly(entry) {
  const compiled = [];
  for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']) {
    const original = WebAssembly[name];
    WebAssembly[name] = (...values) => (compiled.push(name), original(...values));
  }
  performance.clearResourceTimings();
  await import(new URL(entry, location.href));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name.replace(/.*\//, ''));
  return { compiled, loaded };
}

async function callInServiceWorker() {
  const registration = await navigator.serviceWorker
    ?.register('service-worker.js', { type: 'module' })
    .catch(() => undefined);
  if (!registration) return undefined;
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  active.postMessage('', [port2]);
  const results = await new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  await registration.unregister();
  return results;
}

async function callAfterConfigure(wasm) {
  const Perse = await import(new URL('node_modules/perse-wasm/slim.js', location.href));
  // Firefox's driver has modules of its own: this one may not know the page's token.
  Perse.setToken('token');
  Perse.configure({ wasm });
  const { code } = await Perse.face.detect(new Blob(['This is not a photo.']), true);
  return code;
}

async function callWithoutDecompression() {
  delete globalThis.DecompressionStream;
  const Perse = await import(new URL('node_modules/perse-wasm/index.js', location.href));
  Perse.setToken('token');
  const { code } = await Perse.face.detect(new Blob(['This is not a photo.']), true);
  return code;
}

async function callWithin(timeout) {
  const Perse = await import(new URL('node_modules/perse-wasm/slim.js', location.href));
  Perse.configure({ timeout });
  const result = await Perse.face.detect(new Blob(['This is not a photo.']), true);
  return { ...result, cause: result.cause };
}

async function createSessionInPage(entry) {
  const { href } = new URL(entry, location.href);
  const attempt = async (href) => {
    let sent = 0;
    globalThis.fetch = async () => {
      sent += 1;
      throw new Error('Something was sent.');
    };
    const { createSession, createVerifications } = await import(href);
    const options = { privateKey: 'key', baseUrl: 'http://localhost:1' };
    const { code, message } = await createSession(options).catch((error) => error);
    let verifications = 'It runs.';
    try {
      createVerifications(options);
    } catch (error) {
      verifications = error.message;
    }
    return { code, message, sent, verifications };
  };
  const code = `(${attempt})(${JSON.stringify(href)}).then(postMessage, (error) => postMessage({ message: String(error) }));`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), {
    type: 'module',
  });
  const answer = new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`The worker failed: ${message}`));
  });
  return { page: await attempt(href), worker: await answer };
}
