// Attackers, polluting libraries and broken services; and memory.
import assert from 'node:assert/strict';
import { after, before, mock, test } from 'node:test';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { form, loadServer, PRIVATE_KEY, read, request, SECRET } from './lib/harness.mjs';

const CASES = 20_000;
const PHOTO = new Blob([new Uint8Array(5_000)], { type: 'image/jpeg' });

let perse, service;

before(async () => {
  perse = await loadServer();
  service = await startScripted();
});
after(() => service?.stop());

const make = (options) =>
  perse.createVerifications({ privateKey: PRIVATE_KEY, baseUrl: service.url, onError() {}, ...options });

/** A service that responds as it is told, and counts. Only for what the sandbox cannot do. */
async function startScripted() {
  const scripted = { count: 0, respond: undefined, stop: undefined, url: undefined };
  const server = createServer(async (request, response) => {
    scripted.count += 1;
    for await (const _chunk of request);
    if (request.url.endsWith('/login')) return void response.end(JSON.stringify({ token: 'e30.e30.c2ln' }));
    scripted.respond(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scripted.url = `http://127.0.0.1:${server.address().port}/v0`;
  scripted.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return scripted;
}

const json = (body) => (response) => void response.end(JSON.stringify(body));
const comparison = (similarity) => ({ similarity, default_thresholds: { similarity: 50 }, time_taken: 0.1 });

/** A generator of numbers that look random, the same in every run (mulberry32). */
function random(seed) {
  return (limit) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  };
}

/** Changes some characters, cuts, doubles or inserts. */
function mutate(text, next, alphabet) {
  const characters = [...text];
  const pick = () => alphabet[next(alphabet.length)];
  for (let edits = 1 + next(4); edits > 0; edits -= 1) {
    const at = next(characters.length + 1);
    const length = next(20);
    [
      () => (characters[at] = pick()),
      () => characters.splice(at, length),
      () => characters.splice(at, 0, ...characters.slice(at, at + length)),
      () => characters.splice(at, 0, ...Array.from({ length }, pick)),
      () => characters.splice(at),
    ][next(5)]();
  }
  return characters.join('');
}

const URL_SAFE = 'ABCxyz019-_.=+/ %';
/** Characters that a header may hold, those with a meaning among them. */
const HEADER = 'abcXYZ019-_.=+/ %;,:"\\\'()<>[]{}\u00e9\t';
const FORM = 'abcXYZ019-;:="\r\n \0\u00ff\\%';

const BOUNDARY = 'the-boundary';
const part = (name, value, head = '') =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${head}\r\n\r\n${value}\r\n`;
const file = '; filename="photo.jpg"\r\nContent-Type: image/jpeg';

test(`${CASES} fuzzed tickets, headers and forms → a clear refusal`, { timeout: 300_000 }, async () => {
  const verifications = make();
  const next = random(12);
  const { token } = await verifications.start({ purpose: 'login', userToken: 'user' });
  const contentType = `multipart/form-data; boundary=${BOUNDARY}`;
  // Without consent: whatever a mutation leaves valid is refused for that.
  const body = `${part('client_declaration_enduser_consent', 'no')}${part('image_file', 'JPEG', file)}${part('user_token', 'me')}--${BOUNDARY}--\r\n`;
  const paths = ['/face/compare', '/face/detect', '/face/enrollment', '/face/enrollment/list', '/login', '/'];
  const methods = ['POST', 'PUT', 'DELETE', 'GET', 'PATCH', 'OPTIONS', 'HEAD'];
  const codes = new Map();
  service.count = 0;
  for (let index = 0; index < CASES; index += 1) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
    let path = '/face/compare';
    let method = 'POST';
    let content = body;
    const kind = index % 4;
    if (kind === 0) headers.authorization = `Bearer ${mutate(token, next, URL_SAFE)}`;
    if (kind === 1) {
      const name = ['authorization', 'content-type', 'content-length', 'x-request-id'][next(4)];
      headers[name] = mutate(headers[name] ?? '1234', next, HEADER);
    }
    if (kind === 2) content = mutate(body, next, FORM);
    if (kind === 3) {
      path = mutate(paths[next(paths.length)], next, URL_SAFE);
      method = methods[next(methods.length)];
    }
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const bytes = hasBody ? Buffer.from(content, 'latin1') : undefined;
    const sent = new Request(`https://shop.example/perse/v0${path.startsWith('/') ? '' : '/'}${path}`, {
      ...{ method, headers, body: bytes },
    });
    const response = await read(await verifications.handle(sent));
    const what = JSON.stringify({ index, path, method, headers, content, response: response.text });
    assert.ok(response.status >= 400 && response.status < 500, what);
    assert.equal(response.json.status, false, what);
    assert.match(response.json.code, /^[a-z_]+$/, what);
    assert.match(response.json.message, /^[A-Z].*\.$/, what);
    codes.set(response.json.code, (codes.get(response.json.code) ?? 0) + 1);
  }
  assert.equal(service.count, 0, 'nothing reached the service');
  // The cases reach every check.
  const expected = [
    ...['unauthorized', 'consent_required', 'form_key_missing', 'invalid_request', 'route_not_found'],
    ...['content_type_header_missing', 'request_refused', 'file_too_large'],
  ];
  assert.deepEqual([...codes.keys()].sort(), expected.sort(), JSON.stringify([...codes]));
});

test('10,000 verifications leave memory flat', { timeout: 300_000 }, async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  try {
    const verifications = make();
    service.respond = json(comparison(90));
    const heapAfter = async (count) => {
      for (let index = 0; index < count; index += 1) {
        const { token, id } = await verifications.start({
          purpose: 'login',
          userToken: 'user',
          subject: 'a',
        });
        // Every second person goes away.
        if (index % 2 === 0) continue;
        const response = await verifications.handle(
          request('/face/compare', token, form({ image_file: PHOTO, user_token: 'me' })),
        );
        assert.equal(response.status, 200);
        await response.text();
        if (index % 500 === 1) assert.equal((await verifications.result(id)).status, 'passed');
      }
      // Past the tickets' time and that of the results.
      mock.timers.tick(40 * 60 * 1000);
      await verifications.start({ purpose: 'detect' });
      for (let round = 0; round < 3; round += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        gc();
      }
      return process.memoryUsage().heapUsed;
    };
    const early = await heapAfter(2_000);
    const late = await heapAfter(8_000);
    assert.ok(late - early < 1_000_000, `${late - early} bytes more after 8,000 further ones`);
  } finally {
    mock.timers.reset();
  }
});

test('a polluted Object.prototype sets no option and changes no verdict', async () => {
  service.respond = json(comparison(10));
  const polluted = {
    ...{
      privateKey: 'stolen',
      baseUrl: 'https://evil.example/v0',
      reveal: 'all',
      attempts: 100,
      ttl: 86_400_000,
    },
    ...{ similarity: 100, default_thresholds: { similarity: 0 }, user_token: 'evil', token: 'evil' },
    ...{
      passed: true,
      status: 'passed',
      userToken: 'evil',
      subject: 'evil',
      client_declaration_enduser_consent: 'true',
    },
    ...{
      refusal: null,
      session: { token: 'evil' },
      idempotencyKey: 'evil',
      verdict: { passed: true },
    },
    ...{
      calls: -100,
      judged: -100,
      threshold: 0,
      code: 'similar',
      at: 1,
      statusText: 'evil\r\n',
      refused: true,
    },
    ...{ scope: 'users', scoped: true, aud: 'perse-verification', jti: 'x', exp: 9e9 },
  };
  for (const [name, value] of Object.entries(polluted)) {
    const pollute = () =>
      Object.defineProperty(Object.prototype, name, {
        value,
        configurable: true,
        enumerable: false,
        writable: true,
      });
    try {
      const { token, id } = await make().start({ purpose: 'detect' }); // a foreign ticket
      pollute();
      const verifications = make({ attempts: 1 });
      assert.equal((await verifications.handle(request('/face/detect', token, form({})))).status, 401, name);
      assert.equal(await verifications.result(id), undefined, name);
      const started = await verifications.start({ purpose: 'login', userToken: 'user' });
      const call = async (fields) =>
        read(await verifications.handle(request('/face/compare', started.token, form(fields))));
      const unconsented = new FormData();
      unconsented.append('image_file', PHOTO);
      const refused = await verifications.handle(request('/face/compare', started.token, unconsented));
      assert.equal(refused.status, 422, name);
      const { status, json } = await call({ image_file: PHOTO });
      const result = await verifications.result(started.id);
      // Node.js' own fetch reads an inherited `status`, and fails.
      if (name === 'status' && status === 502) {
        assert.equal(result.status, 'pending');
        continue;
      }
      assert.equal(status, 200, `${name}: ${JSON.stringify(json)}`);
      assert.equal(json.similarity, 0, name);
      assert.equal(result.status, 'failed', name);
      assert.equal(result.userToken, 'user', name);
      assert.equal(result.subject, undefined, name);
      const { code, threshold, similarity } = result;
      assert.deepEqual(
        { code, threshold, similarity },
        { code: 'not_similar', threshold: 50, similarity: 10 },
        name,
      );
    } finally {
      delete Object.prototype[name];
    }
  }
});

test('a polluted Object.prototype does not move the private key', async () => {
  const { fetch } = globalThis;
  const sent = [];
  // The default address is the real service's, which no test may call.
  globalThis.fetch = async (url, init) => {
    sent.push([String(url), init.method, init.redirect, init.body]);
    throw new TypeError('no network in tests');
  };
  Object.prototype.baseUrl = 'https://evil.example/v0';
  Object.prototype.method = 'PUT';
  Object.prototype.redirect = 'follow';
  Object.prototype.signal = AbortSignal.abort();
  try {
    await assert.rejects(perse.createSession({ privateKey: PRIVATE_KEY }), { code: 'network_error' });
  } finally {
    delete Object.prototype.baseUrl;
    delete Object.prototype.method;
    delete Object.prototype.redirect;
    delete Object.prototype.signal;
    globalThis.fetch = fetch;
  }
  const body = JSON.stringify({ privateKey: PRIVATE_KEY });
  assert.deepEqual(sent, [['https://api.getperse.com/v0/login', 'POST', 'manual', body]]);
});

test('what the service lacks or gets wrong is no verdict', async () => {
  const bodies = [
    ...[{}, [], comparison('90'), comparison(null), { similarity: 90 }, { ...comparison(90), status: false }],
    { similarity: 90, default_thresholds: { similarity: '1' } },
    { similarity: 90, default_thresholds: 50 },
    JSON.parse('{"__proto__": {"similarity": 90, "default_thresholds": {"similarity": 50}}}'),
  ];
  for (const body of bodies) {
    service.respond = json(body);
    const verifications = make();
    const { token, id } = await verifications.start({ purpose: 'login', userToken: 'user' });
    const response = await verifications.handle(request('/face/compare', token, form({ image_file: PHOTO })));
    assert.equal(response.status, 502, JSON.stringify(body));
    const { status, attempts } = await verifications.result(id);
    assert.deepEqual({ status, attempts }, { status: 'pending', attempts: 0 });
  }
});

test("a service's message is shortened, cleaned, and dropped where it holds a secret", async () => {
  const verifications = make({ attempts: 50 });
  const user = '0c5e6f8a-1111-4000-8000-1234567890ab';
  const { token } = await verifications.start({ purpose: 'login', userToken: user });
  const message = async (text) => {
    service.respond = (response) => {
      response.statusCode = 422;
      response.end(JSON.stringify({ message: text, code: 'no_face_detected', status: false }));
    };
    const body = form({ image_file: PHOTO });
    const { json } = await read(await verifications.handle(request('/face/compare', token, body)));
    assert.equal(json.code, 'no_face_detected');
    return json.message;
  };
  assert.equal(await message('Come closer.'), 'Come closer.');
  assert.equal((await message('word '.repeat(180_000))).length, 300);
  assert.equal(await message('One\u0000\u202e two\u200b\r\n three.'), 'One two three.');
  const neutral = 'The service refused the photo. Try another one.';
  for (const secret of [PRIVATE_KEY, user, 'e30.e30.c2ln']) {
    for (const form of [
      ...[secret, secret.slice(0, 12), secret.slice(-12), secret.toUpperCase(), encodeURIComponent(secret)],
      ...[Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')],
    ]) {
      assert.equal(await message(`The value ${form} is odd.`), neutral, form);
    }
  }
  assert.equal(await message(5), neutral);
});

test('endless and compressed responses are read up to a limit', { timeout: 60_000 }, async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000, 32));
  let written = 0;
  const endless = (response) => {
    const chunk = Buffer.alloc(65_536, 32);
    const write = () => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length;
    };
    response.on('drain', write);
    write();
  };
  const compressed = (response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  for (const respond of [endless, compressed]) {
    const server = createServer((request, response) => respond(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${server.address().port}`;
    const before = process.memoryUsage().rss;
    await assert.rejects(perse.createSession({ privateKey: PRIVATE_KEY, baseUrl }), {
      ...{ code: 'invalid_response', message: /too long/ },
    });
    server.closeAllConnections();
    server.close();
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 60_000_000, `${grown} bytes`);
    assert.ok(written < 20_000_000, `${written} bytes were sent`);
  }
});

test('createSession asks for a scope and a user when it is told to', async () => {
  const bodies = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    bodies.push(JSON.parse(text));
    response.end(JSON.stringify({ token: 'e30.e30.c2ln' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const options = { privateKey: PRIVATE_KEY, baseUrl: `http://127.0.0.1:${server.address().port}` };
  await perse.createSession(options);
  await perse.createSession({ ...options, scope: 'detect' });
  await perse.createSession({ ...options, scope: ['detect', 'compare'], userToken: 'u' });
  const privateKey = PRIVATE_KEY;
  assert.deepEqual(bodies, [
    { privateKey },
    { privateKey, scope: 'detect' },
    { privateKey, scope: 'detect compare', userToken: 'u' },
  ]);
  for (const scope of ['all', '', [], ['detect', 'x'], 5, null, {}]) {
    await assert.rejects(perse.createSession({ ...options, scope }), {
      message: /scope expects one or several/,
    });
  }
  for (const userToken of ['', 5, null]) {
    await assert.rejects(perse.createSession({ ...options, userToken }), { message: /userToken expects/ });
  }
  assert.equal(bodies.length, 3);
  server.closeAllConnections();
  server.close();
});

test('a ticket is one that any other library would read, and holds no person', async () => {
  const verifications = make({ secret: SECRET });
  const { id, token, expiresAt } = await verifications.start({
    ...{ purpose: 'login', subject: 'ada@example.com', userToken: 'the-user' },
  });
  const [head, payload, signature] = token.split('.');
  const { createHmac } = await import('node:crypto');
  assert.equal(createHmac('sha256', SECRET).update(`${head}.${payload}`).digest('base64url'), signature);
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  assert.deepEqual(claims, { aud: 'perse-verification', jti: id, iat: claims.iat, exp: expiresAt / 1000 });
  // One of the same secret that is for something else.
  const sign = (claims) => {
    const text = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`;
  };
  const status = async (ticket) =>
    (await verifications.handle(request('/face/compare', ticket, form({ image_file: PHOTO })))).status;
  const { aud, jti, exp } = claims;
  for (const other of [
    { jti, exp },
    { aud: 'session', jti, exp },
    { aud, jti },
    { aud, jti, exp: '9999999999' },
  ]) {
    assert.equal(await status(sign(other)), 401, JSON.stringify(other));
  }
  assert.equal(await status(sign({ aud, jti, exp: Date.now() / 1000 - 1 })), 401);
  assert.equal(await status(sign({ aud, jti: 'another', exp })), 401);
  service.respond = json(comparison(90));
  assert.equal(await status(sign({ aud, jti, exp })), 200);
});
