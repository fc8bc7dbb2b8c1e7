// Verifications against the real sandbox over a real socket, with real photos.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { form, loadPhotos, loadServer, PRIVATE_KEY, read, request, startService } from './lib/harness.mjs';

let createVerifications, service, photos, userToken;

before(
  async () => {
    ({ createVerifications } = await loadServer());
    [service, photos] = await Promise.all([startService(), loadPhotos()]);
    const enrolled = await enrol(photos.firstPerson);
    userToken = enrolled.result.userToken;
  },
  { timeout: 60_000 },
);
after(() => service?.stop());
beforeEach(() => service.clear());
afterEach(() => {
  service.failure = undefined;
  service.gate = undefined;
});

const make = (options) =>
  createVerifications({ privateKey: PRIVATE_KEY, baseUrl: service.baseUrl, ...options });

/** One call of a page: the response, and the result that the server reads afterwards. */
async function call(verifications, { id, token }, path, fields) {
  const response = await read(await verifications.handle(request(path, token, form(fields))));
  return { response, result: await verifications.result(id) };
}

async function enrol(photo, options) {
  const verifications = make(options);
  const started = await verifications.start({ purpose: 'enrol', subject: 'ada' });
  return call(verifications, started, '/face/enrollment', { image_file: photo });
}

const login = (verifications, started, photo, more) =>
  call(verifications, started, '/face/compare', { image_file: photo, user_token: 'me', ...more });

/** Asserts a refusal in the API's form. */
function assertRefused({ status, json, headers }, expectedStatus, code) {
  assert.equal(status, expectedStatus, JSON.stringify(json));
  assert.deepEqual(Object.keys(json), ['message', 'code', 'status']);
  assert.equal(json.code, code);
  assert.equal(json.status, false);
  assert.equal(headers.get('content-type'), 'application/json');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.match(headers.get('x-request-id'), /^[\w.-]{1,128}$/);
}

test('an enrolment: the server reads the user token, the page does not', async () => {
  const { response, result } = await enrol(photos.secondPerson);
  assert.equal(response.status, 200);
  assert.deepEqual(response.json, { user_token: '', time_taken: 0, status: 200 });
  assert.match(result.userToken, /^[\w-]{36}$/);
  const { id, at, requestIds, userToken: _token, ...others } = result;
  assert.deepEqual(others, {
    ...{ subject: 'ada', purpose: 'enrol', status: 'passed', code: 'success' },
    ...{ similarity: undefined, threshold: undefined, attempts: 1 },
  });
  assert.match(id, /^[\w-]{36}$/);
  assert.ok(Math.abs(Date.now() - at) < 10_000);
  assert.equal(requestIds.length, 1);
  assert.equal(requestIds[0], response.headers.get('x-request-id'));
});

test('reveal: all → the page reads what the service responded', async () => {
  const { response, result } = await enrol(photos.secondPerson, { reveal: 'all' });
  assert.equal(response.json.user_token, result.userToken);
  const verifications = make({ reveal: 'all' });
  const started = await verifications.start({ purpose: 'login', userToken });
  const { response: compared, result: passed } = await login(verifications, started, photos.firstPerson);
  assert.equal(compared.json.similarity, passed.similarity);
  assert.ok(passed.similarity > 50 && passed.similarity <= 100);
});

test('the enrolled person logs in; the page reads the verdict without its number', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', subject: 'ada', userToken });
  assert.equal((await verifications.result(started.id)).status, 'pending');
  const { response, result } = await login(verifications, started, photos.firstPersonAgain);
  assert.deepEqual(response.json, {
    ...{ similarity: 100, image_tokens: ['', ''], default_thresholds: { similarity: 50 }, time_taken: 0 },
  });
  assert.equal(result.status, 'passed');
  assert.equal(result.code, 'similar');
  assert.equal(result.subject, 'ada');
  assert.equal(result.userToken, userToken);
  assert.ok(result.similarity >= result.threshold && result.similarity < 100, JSON.stringify(result));
});

test('another person does not', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  const { response, result } = await login(verifications, started, photos.secondPerson);
  assert.equal(response.json.similarity, 0);
  assert.equal(result.status, 'pending');
  assert.equal(result.code, 'not_similar');
  assert.equal(result.attempts, 1);
  // And the person may try again.
  const second = await login(verifications, started, photos.firstPersonAgain);
  assert.equal(second.result.status, 'passed');
  assert.equal(second.result.attempts, 2);
});

test('a foreign user token from the page is replaced by that of start', async () => {
  const { result: other } = await enrol(photos.secondPerson);
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  service.clear();
  const { response, result } = await login(verifications, started, photos.secondPerson, {
    user_token: other.userToken,
  });
  assert.equal(response.json.similarity, 0);
  assert.equal(result.status, 'pending');
  const [sent] = service.photos();
  assert.ok(sent.body.includes(userToken));
  assert.ok(!sent.body.includes(other.userToken));
});

test('nothing else of the page reaches the service: fields, file names, headers', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  service.clear();
  const body = form({
    image_file: new File([photos.firstPerson], 'ada-lovelace-passport.jpg'),
    extra: 'MARK',
  });
  body.append('image_file2', photos.secondPerson);
  const headers = { cookie: 'session=MARK', 'x-api-key': 'MARK', 'x-forwarded-for': 'MARK' };
  const response = await verifications.handle(request('/face/compare', started.token, body, { headers }));
  assert.equal(response.status, 200);
  const [sent] = service.photos();
  const all = JSON.stringify(sent.headers) + sent.body.toString('latin1');
  assert.ok(!/MARK|passport|image_file2/.test(all));
  assert.equal(all.includes(started.token), false);
  assert.equal(all.includes(PRIVATE_KEY), false);
});

test('two photos on a login ticket → form_key_missing, and nothing is sent', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  const { firstPerson } = photos;
  const { response, result } = await call(verifications, started, '/face/compare', {
    ...{ image_file1: firstPerson, image_file2: firstPerson },
  });
  assertRefused(response, 400, 'form_key_missing');
  assert.equal(result.attempts, 0);
  assert.equal(service.photos().length, 0);
});

test('match compares two photos of the page', async () => {
  const verifications = make();
  const { firstPerson, firstPersonAgain, secondPerson } = photos;
  for (const [other, status, code] of [
    [firstPersonAgain, 'passed', 'similar'],
    [secondPerson, 'pending', 'not_similar'],
  ]) {
    const started = await verifications.start({ purpose: 'match' });
    const { result } = await call(verifications, started, '/face/compare', {
      ...{ image_file1: firstPerson, image_file2: other },
    });
    assert.equal(result.status, status);
    assert.equal(result.code, code);
  }
});

test('detect judges the quality as the SDK does', async () => {
  const verifications = make({ attempts: 3 });
  for (const [name, status, code] of [
    ['firstPerson', 'passed', 'success'],
    ['blurred', 'pending', 'bad_image_quality'],
    ['noFace', 'pending', 'no_face_detected'],
  ]) {
    const started = await verifications.start({ purpose: 'detect' });
    const { response, result } = await call(verifications, started, '/face/detect', {
      image_file: photos[name],
    });
    assert.equal(result.status, status, name);
    assert.equal(result.code, code, name);
    assert.equal(response.json.image_token, '');
    for (const face of response.json.faces) assert.ok([0, 1].includes(face.liveness_score));
  }
});

test('a ticket opens its own purpose alone', async () => {
  const verifications = make();
  const image = form({ image_file: photos.noFace });
  const calls = [
    ['GET', '/face/enrollment/list'],
    ['PUT', '/face/enrollment', image],
    ['DELETE', `/face/enrollment/${userToken}`],
    ['POST', '/face/detect', image],
    ['POST', '/face/compare', image],
    ['POST', '/face/enrollment', image],
  ];
  const own = {
    login: '/face/compare',
    match: '/face/compare',
    detect: '/face/detect',
    enrol: '/face/enrollment',
  };
  for (const purpose of Object.keys(own)) {
    const user = purpose === 'login' ? { userToken } : {};
    const { token, id } = await verifications.start({ purpose, ...user });
    for (const [method, path, body] of calls) {
      if (method === 'POST' && path === own[purpose]) continue;
      assertRefused(
        await read(await verifications.handle(request(path, token, body, { method }))),
        ...[403, 'request_refused'],
      );
    }
    assertRefused(
      await read(await verifications.handle(request('/login', token, '{}'))),
      404,
      'route_not_found',
    );
    assert.equal((await verifications.result(id)).attempts, 0);
  }
  assert.deepEqual(service.requests, []);
});

test('without a ticket, or with a foreign one → unauthorized', async () => {
  const verifications = make();
  const { token } = await verifications.start({ purpose: 'detect' });
  const foreign = await make().start({ purpose: 'detect' });
  const [head, payload, signature] = token.split('.');
  const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`;
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const tickets = [
    ...[undefined, '', 'x', foreign.token, `${head}.${payload}.${flipped}`, `${head}.${payload}.`],
    ...[`${head}.${payload}`, `${token}.`, `.${token}`, token.toUpperCase(), PRIVATE_KEY],
    `${head}.${encode({ ...claims, exp: claims.exp + 1 })}.${signature}`,
    `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
    `${encode({ alg: 'HS512', typ: 'JWT' })}.${payload}.${signature}`,
  ];
  for (const ticket of tickets) {
    const body = form({ image_file: photos.firstPerson });
    const response = await read(await verifications.handle(request('/face/detect', ticket, body)));
    assertRefused(response, 401, 'unauthorized');
    assert.equal(response.headers.get('www-authenticate'), 'Bearer');
  }
  assert.deepEqual(service.requests, []);
});

test('a passed ticket cannot be used again', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  await login(verifications, started, photos.firstPerson);
  service.clear();
  const { response, result } = await login(verifications, started, photos.firstPerson);
  assertRefused(response, 401, 'unauthorized');
  assert.equal(result.status, 'passed');
  assert.equal(result.attempts, 1);
  assert.deepEqual(service.requests, []);
});

test('the sixth attempt → unauthorized, also with the right face', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const { result } = await login(verifications, started, photos.secondPerson);
    assert.equal(result.attempts, attempt);
    assert.equal(result.status, attempt < 5 ? 'pending' : 'failed');
  }
  service.clear();
  const { response, result } = await login(verifications, started, photos.firstPerson);
  assertRefused(response, 401, 'unauthorized');
  assert.equal(result.status, 'failed');
  assert.equal(result.requestIds.length, 5);
  assert.deepEqual(service.requests, []);
});

test('100 parallel attempts on one ticket → five reach the service', { timeout: 60_000 }, async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  service.clear();
  let open;
  service.gate = new Promise((resolve) => (open = resolve));
  const calls = Array.from({ length: 100 }, () => login(verifications, started, photos.secondPerson));
  await new Promise((resolve) => setTimeout(resolve, 500));
  // None of the five has ended, and the others are refused already.
  assert.equal((await verifications.result(started.id)).status, 'pending');
  open();
  const statuses = (await Promise.all(calls)).map(({ response }) => response.status);
  assert.equal(statuses.filter((status) => status === 200).length, 5);
  assert.equal(statuses.filter((status) => status === 401).length, 95);
  assert.equal(service.photos().length, 5);
  const result = await verifications.result(started.id);
  assert.equal(result.attempts, 5);
  assert.equal(result.status, 'failed');
});

test('100 parallel enrolments on one ticket → one user', { timeout: 60_000 }, async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'enrol' });
  const enrolOnce = () =>
    call(verifications, started, '/face/enrollment', { image_file: photos.firstPerson });
  const answers = await Promise.all(Array.from({ length: 100 }, enrolOnce));
  assert.equal(answers.filter(({ response }) => response.status === 200).length, 1);
  assert.equal(service.photos().length, 1);
});

test('an expired ticket → unauthorized, and the result says so', async () => {
  const verifications = make({ ttl: 1000 });
  const started = await verifications.start({ purpose: 'login', userToken });
  assert.ok(started.expiresAt > Date.now() && started.expiresAt < Date.now() + 2_100);
  await new Promise((resolve) => setTimeout(resolve, started.expiresAt - Date.now() + 10));
  const { response, result } = await login(verifications, started, photos.firstPerson);
  assertRefused(response, 401, 'unauthorized');
  assert.equal(result.status, 'expired');
  assert.deepEqual(service.requests, []);
});

test('what the service says of a photo is an attempt, and reaches the page', async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  for (const [name, status, code] of [
    ['noFace', 422, 'no_face_detected'],
    ['text', 415, 'invalid_file_type'],
  ]) {
    const { response, result } = await login(verifications, started, photos[name]);
    assertRefused(response, status, code);
    assert.equal(result.code, code);
  }
  assert.equal((await verifications.result(started.id)).attempts, 2);
  const gone = await verifications.start({ purpose: 'login', userToken: 'nobody-has-it' });
  const { response, result } = await login(verifications, gone, photos.firstPerson);
  assertRefused(response, 422, 'no_face_biometric_data');
  assert.equal(result.code, 'no_face_biometric_data');
});

test('forms that are refused before the service: consent, size, fields, type', async () => {
  const verifications = make();
  const { token, id } = await verifications.start({ purpose: 'detect' });
  const image = photos.firstPerson;
  const without = new FormData();
  without.append('image_file', image);
  const twice = form({ image_file: image });
  twice.append('image_file', image);
  const consentTwice = form({ image_file: image });
  consentTwice.append('client_declaration_enduser_consent', 'true');
  const cases = [
    [without, 422, 'consent_required'],
    [form({ image_file: image, client_declaration_enduser_consent: 'false' }), 422, 'consent_required'],
    [form({ image_file: image, client_declaration_enduser_consent: 'TRUE' }), 422, 'consent_required'],
    [consentTwice, 400, 'invalid_request'],
    [twice, 400, 'invalid_request'],
    [form({}), 400, 'form_key_missing'],
    [form({ image_file: '' }), 400, 'empty_file'],
    [form({ image_file: 'a text' }), 400, 'empty_file'],
    [form({ image_file: new Blob([]) }), 400, 'empty_file'],
    [form({ image_file: new Blob([new Uint8Array(1_000_001)]) }), 413, 'file_too_large'],
    [form({ image_file: new Blob([new Uint8Array(3_000_000)]) }), 413, 'file_too_large'],
    ['{"image_file": "x"}', 415, 'content_type_header_missing'],
  ];
  for (const [body, status, code] of cases) {
    const response = await read(await verifications.handle(request('/face/detect', token, body)));
    assertRefused(response, status, code);
  }
  assert.equal((await verifications.result(id)).attempts, 0);
  assert.deepEqual(service.requests, []);
});

test('a body that never ends is read up to the limit', async () => {
  const verifications = make();
  const { token } = await verifications.start({ purpose: 'detect' });
  let sent = 0;
  const endless = new ReadableStream({
    pull(controller) {
      sent += 10_000;
      controller.enqueue(new Uint8Array(10_000));
    },
  });
  const headers = { 'content-type': 'multipart/form-data; boundary=x' };
  const response = await read(
    await verifications.handle(request('/face/detect', token, endless, { headers })),
  );
  assertRefused(response, 413, 'file_too_large');
  assert.ok(sent < 1_100_000, String(sent));
  // One that says its length is not read at all.
  sent = 0;
  const stated = new ReadableStream({ pull: () => void (sent += 1) }, { highWaterMark: 0 });
  const long = { ...headers, 'content-length': '2000000' };
  const refused = await read(
    await verifications.handle(request('/face/detect', token, stated, { headers: long })),
  );
  assertRefused(refused, 413, 'file_too_large');
  assert.equal(sent, 0);
});

test('what the service did not judge is no attempt, but not for ever', async () => {
  const errors = [];
  const verifications = make({ attempts: 2, onError: (error) => void errors.push(error) });
  const started = await verifications.start({ purpose: 'login', userToken });
  const failures = [
    [{ status: 500, body: '{"message":"boom","code":"server_error","status":false}' }, 502, 'server_error'],
    [{ status: 503, body: '' }, 503, 'server_busy'],
    [{ status: 429, body: '{}' }, 503, 'server_busy'],
    [{ status: 404, body: '<p>' }, 502, 'server_error'],
    [{ status: 200, body: '<p>' }, 502, 'server_error'],
    [{ status: 302, body: '' }, 502, 'server_error'],
  ];
  // A session first, that only the comparison fails.
  await login(verifications, await verifications.start({ purpose: 'login', userToken }), photos.noFace);
  for (const [index, [failure, status, code]] of failures.entries()) {
    service.failure = failure;
    const { response, result } = await login(verifications, started, photos.firstPerson);
    assertRefused(response, status, code);
    assert.doesNotMatch(response.text, /boom|key|base ?URL/i);
    assert.equal(result.attempts, 0);
    assert.equal(errors.length, index + 1);
    // Six requests for two attempts are enough.
    assert.equal(result.status, index < 5 ? 'pending' : 'failed');
  }
  service.failure = undefined;
  const { response } = await login(verifications, started, photos.firstPerson);
  assertRefused(response, 401, 'unauthorized');
});

test('a wrong key, or no service → the page reads no reason, the server does', async () => {
  for (const [options, code] of [
    [{ privateKey: `not-${PRIVATE_KEY}` }, 'unauthorized'],
    [{ baseUrl: 'http://127.0.0.1:2' }, 'network_error'],
    [{ baseUrl: `${service.baseUrl}/nothing` }, 'route_not_found'],
  ]) {
    const errors = [];
    const verifications = make({ ...options, onError: (error) => void errors.push(error) });
    const started = await verifications.start({ purpose: 'login', userToken });
    const { response, result } = await login(verifications, started, photos.firstPerson);
    assertRefused(response, 502, 'server_error');
    assert.equal(response.json.message, 'The face verification is not available. Try again later.');
    assert.equal(errors[0].code, code);
    assert.ok(!errors[0].message.includes(PRIVATE_KEY));
    assert.equal(result.attempts, 0);
  }
});

test(
  'a session that the service has forgotten is renewed, and the call repeated',
  { timeout: 60_000 },
  async () => {
    const verifications = make();
    const first = await verifications.start({ purpose: 'match' });
    const fields = { image_file1: photos.firstPerson, image_file2: photos.firstPersonAgain };
    await call(verifications, first, '/face/compare', fields);
    await service.restart();
    service.clear();
    const second = await verifications.start({ purpose: 'match' });
    const { result } = await call(verifications, second, '/face/compare', fields);
    assert.equal(result.status, 'passed');
    assert.equal(result.attempts, 1);
    assert.deepEqual(
      service.requests.map(({ url }) => url),
      ['/v0/face/compare', '/v0/login', '/v0/face/compare'],
    );
    // The sandbox keeps its users in memory.
    userToken = (await enrol(photos.firstPerson)).result.userToken;
  },
);

test('many calls at once share one login', { timeout: 60_000 }, async () => {
  const verifications = make();
  const one = async () => {
    const started = await verifications.start({ purpose: 'detect' });
    return call(verifications, started, '/face/detect', { image_file: photos.noFace });
  };
  await Promise.all(Array.from({ length: 20 }, one));
  assert.equal(service.requests.filter(({ url }) => url === '/v0/login').length, 1);
});

test('onResult reads each final result once; when it fails, the verdict stands', async () => {
  const results = [];
  const errors = [];
  const verifications = make({
    attempts: 1,
    onResult(result) {
      results.push(result);
      throw new Error('The audit log is full.');
    },
    onError: (error) => void errors.push(error.message),
  });
  for (const [photo, status] of [
    [photos.firstPerson, 'passed'],
    [photos.secondPerson, 'failed'],
  ]) {
    const started = await verifications.start({ purpose: 'login', userToken });
    const { response, result } = await login(verifications, started, photo);
    assert.equal(response.status, 200);
    await login(verifications, started, photo);
    assert.equal(result.status, status);
    assert.deepEqual(results.at(-1), result);
  }
  assert.equal(results.length, 2);
  assert.deepEqual(errors, ['The audit log is full.', 'The audit log is full.']);
});

test('scoped: the session token of each purpose opens nothing else', async () => {
  const verifications = make({ scoped: true });
  const scopes = { login: 'compare', match: 'compare', enrol: 'enrol', detect: 'detect' };
  const paths = {
    login: '/face/compare',
    match: '/face/compare',
    enrol: '/face/enrollment',
    detect: '/face/detect',
  };
  for (const [purpose, scope] of Object.entries(scopes)) {
    const started = await verifications.start({ purpose, ...(purpose === 'login' && { userToken }) });
    service.clear();
    const two = { image_file1: photos.firstPerson, image_file2: photos.firstPerson };
    const fields = purpose === 'match' ? two : { image_file: photos.firstPerson };
    const { result } = await call(verifications, started, paths[purpose], fields);
    assert.equal(result.status, 'passed', purpose);
    const [sent] = service.photos();
    const login = service.requests.find(({ url }) => url === '/v0/login');
    // Login and match share one.
    if (purpose !== 'match') assert.equal(JSON.parse(login.body).scope, scope);
    const { authorization } = sent.headers;
    const list = await fetch(`${service.direct}/face/enrollment/list`, { headers: { authorization } });
    assert.equal(list.status, 403, purpose);
  }
});

test('an enrolment whose response is lost is repeated, and enrols one user', async () => {
  const sandbox = await startSandbox(['--private-key', PRIVATE_KEY, '--faults']);
  try {
    const verifications = createVerifications({
      ...{ privateKey: PRIVATE_KEY, baseUrl: `${sandbox.url}/faults/lost:ok,drop-after,ok/v0`, onError() {} },
    });
    const started = await verifications.start({ purpose: 'enrol' });
    const enrolOnce = () =>
      call(verifications, started, '/face/enrollment', { image_file: photos.firstPerson });
    const lost = await enrolOnce();
    assertRefused(lost.response, 502, 'server_error');
    assert.equal(lost.result.attempts, 0);
    const { result } = await enrolOnce();
    assert.equal(result.status, 'passed');
    const headers = { 'x-api-key': PRIVATE_KEY };
    const list = await fetch(`${sandbox.url}/v0/face/enrollment/list`, { headers });
    assert.deepEqual((await list.json()).user_tokens, [result.userToken]);
  } finally {
    await sandbox.stop();
  }
});

test("the request id is the service's, in its log too", async () => {
  const verifications = make();
  const started = await verifications.start({ purpose: 'login', userToken });
  service.clear();
  const { response, result } = await login(verifications, started, photos.firstPerson);
  const [sent] = service.photos();
  assert.equal(response.headers.get('x-request-id'), sent.headers['x-request-id']);
  assert.deepEqual(result.requestIds, [sent.headers['x-request-id']]);
});

test('a store that fails → 500 in the form of the API, and no request', async () => {
  const errors = [];
  const fail = async () => {
    throw new Error(`cannot connect to redis://${PRIVATE_KEY}@db`);
  };
  const store = { get: fail, set: async () => {}, update: fail };
  const secret = 'x'.repeat(32);
  const verifications = make({ store, secret, onError: (error) => void errors.push(error) });
  const { token } = await verifications.start({ purpose: 'detect' });
  const body = form({ image_file: photos.firstPerson });
  const response = await read(await verifications.handle(request('/face/detect', token, body)));
  assertRefused(response, 500, 'server_error');
  assert.ok(!response.text.includes(PRIVATE_KEY));
  assert.equal(errors.length, 1);
  assert.deepEqual(service.requests, []);
});

test('two processes with one store and secret are one', async () => {
  const { createMemoryStore } = await loadServer();
  const shared = { store: createMemoryStore(), secret: 'y'.repeat(40) };
  const [one, other] = [make(shared), make(shared)];
  const started = await one.start({ purpose: 'login', userToken });
  const { result } = await login(other, started, photos.firstPerson);
  assert.equal(result.status, 'passed');
  assert.deepEqual(await one.result(started.id), result);
});

test('a result of an unknown id is undefined', async () => {
  const verifications = make();
  for (const id of ['', 'x', '__proto__', undefined, 5, {}]) {
    assert.equal(await verifications.result(id), undefined);
  }
});

test('wrong options are refused with what they take', async () => {
  const invalid = (options, message) =>
    assert.throws(() => make(options), { code: 'invalid_request', message });
  invalid({ privateKey: undefined }, /createVerifications: privateKey is missing/);
  invalid({ baseUrl: 'http://example.com' }, /only for this very machine/);
  invalid({ secret: 'short' }, /32 characters/);
  invalid({ store: {} }, /store expects an object with get, set and update/);
  invalid({ store: new Map() }, /store expects/);
  const { createMemoryStore } = await loadServer();
  invalid({ store: createMemoryStore() }, /needs a secret/);
  for (const ttl of [900, 0, -1, NaN, Infinity, 1e9]) invalid({ ttl }, /ttl expects milliseconds, 1,000/);
  for (const attempts of [0, 1.5, 101, '5']) invalid({ attempts }, /attempts expects a whole number/);
  invalid({ reveal: 'some' }, /'verdict' or 'all'/);
  invalid({ scoped: 1 }, /true or false/);
  invalid({ onResult: {} }, /onResult expects a function/);
  invalid({ apiKey: PRIVATE_KEY }, /no option apiKey/);
  const { start } = make();
  const refused = (options, message) => assert.rejects(start(options), { code: 'invalid_request', message });
  await refused(undefined, /start: expected an object/);
  await refused({}, /purpose expects one of login, match, enrol, detect/);
  await refused({ purpose: 'toString' }, /purpose expects one of/);
  await refused({ purpose: 'login' }, /login needs the userToken/);
  await refused({ purpose: 'login', userToken: '' }, /login needs the userToken/);
  await refused({ purpose: 'enrol', userToken: 'x' }, /no other purpose accepts one/);
  await refused({ purpose: 'detect', subject: 5 }, /subject expects a string/);
  await refused({ purpose: 'detect', user: 'x' }, /no option user/);
});
