import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { PerseError, isPerseError } from '../error.js';
import { createLoader } from '../wasm/loader.js';
import { placeFaces } from './call.js';
import { createClient } from './client.js';

/**
 * A core whose attempts have these outcomes in turn, and which keeps what it was given. Its photos are sent as
 * they are.
 */
function fakeCore(...outcomes) {
  const core = { attempts: [], clients: 0, checks: [] };
  const method = (name) =>
    async function (...values) {
      const options = values.pop();
      core.attempts.push({ name, values, options, ...this });
      const outcome = outcomes[Math.min(core.attempts.length, outcomes.length) - 1];
      if (outcome.code === 'success' || outcome.code === 'similar') return { ...outcome };
      throw outcome;
    };
  const names = [
    'detect',
    'compare',
    'isSimilar',
    'quality',
    'enrollmentRead',
    'enrollmentDelete',
    'enrollmentCreate',
  ];
  class Perse {
    constructor(settings) {
      core.clients++;
      this.settings = settings;
    }
    setToken(token) {
      this.token = token;
    }
    free() {
      core.clients--;
    }
  }
  for (const name of names) Perse.prototype[name] = method(name);
  return Object.assign(core, {
    ...{ Perse, module: () => new Uint8Array(), default: async () => {}, start: () => {} },
    Operation: {
      Detect: 0,
      Compare: 1,
      IsSimilar: 2,
      Quality: 3,
      EnrollmentRead: 6,
      EnrollmentDelete: 8,
      EnrollmentCreate: 5,
    },
    checkCall: (...check) => void core.checks.push(check),
    inspectPhoto: (bytes, size) => ({
      ...{ next: 'send', type: 'image/jpeg', width: 2, height: 1, orientation: 1, removed: [] },
      ...{ bytes: undefined, undecodable: undefined, size },
    }),
  });
}

const success = { status: true, code: 'success', totalFaces: 1, faces: [] };
/** The size that the fake core's photos have. */
const imageSize = { width: 2, height: 1 };

function clientOf(core, options) {
  const client = createClient(
    createLoader(async () => core),
    { warn: false, enduserConsent: true, ...options },
  );
  client.setToken('opaque-token');
  return client;
}

test('a call gives the core what it needs, and its result a message', async () => {
  const core = fakeCore(success);
  const fetch = async () => new Response('own');
  const client = clientOf(core, { baseUrl: 'https://example.com/v0', fetch });
  const result = await client.face.detect(new Blob(['photo']));
  assert.deepEqual(result, { ...success, imageSize, message: 'The request succeeded.' });
  const [{ name, values, options, settings, token }] = core.attempts;
  assert.equal(name, 'detect');
  assert.equal(await values[0].text(), 'photo');
  assert.equal(await (await settings.fetch()).text(), 'own');
  assert.deepEqual(settings, { baseUrl: 'https://example.com/v0', apiKey: undefined, fetch: settings.fetch });
  assert.equal(token, 'opaque-token');
  assert.equal(options.enduserConsent, true);
  assert.equal(options.prepared, true);
  assert.deepEqual([options.attempt, options.mayHaveHappened], [0, false]);
  assert.equal(core.clients, 0, 'each client of the core is freed');
});

test('a refusal becomes a failure of three fields', async () => {
  const client = clientOf(fakeCore({ code: 'no_face_detected', detail: 'No face in photo 1.' }));
  assert.deepEqual(await client.face.detect(new Blob(['photo'])), {
    ...{ status: false, code: 'no_face_detected', message: 'No face in photo 1.' },
  });
});

test('with throwOnError it rejects', async () => {
  const client = clientOf(fakeCore({ code: 'timeout' }), { throwOnError: true });
  await assert.rejects(client.face.enrollment.read(), (error) => {
    assert.ok(error instanceof PerseError);
    assert.equal(error.code, 'timeout');
    return true;
  });
});

test('a refused attempt is repeated with the number of its attempt', async () => {
  const busy = { code: 'server_busy', retryAfterMs: 1, mayHaveHappened: true };
  const core = fakeCore(busy, busy, success);
  const result = await clientOf(core).face.enrollment.delete('user-1');
  assert.equal(result.status, true);
  assert.deepEqual(
    core.attempts.map(({ options }) => [options.attempt, options.mayHaveHappened]),
    [
      [0, false],
      [1, true],
      [2, true],
    ],
  );
  assert.deepEqual(core.attempts[0].values, ['user-1']);
  const once = fakeCore(busy, success);
  assert.equal((await clientOf(once).face.enrollment.read({ retries: 0 })).code, 'server_busy');
});

test('a consent that is revoked counts for the next attempt', async () => {
  const core = fakeCore({ code: 'server_busy', retryAfterMs: 20 }, success);
  const client = clientOf(core);
  const call = client.face.detect(new Blob(['photo']));
  while (core.attempts.length === 0) await new Promise((resolve) => setImmediate(resolve));
  client.configure({ enduserConsent: false });
  await call;
  assert.deepEqual(
    core.attempts.map(({ options }) => options.enduserConsent),
    [true, false],
  );
});

test('what the core refuses beforehand is not attempted', async () => {
  const core = fakeCore(success);
  core.checkCall = () => {
    throw { code: 'consent_required', detail: undefined };
  };
  assert.equal((await clientOf(core).face.detect(new Blob(['photo']))).code, 'consent_required');
  assert.equal(core.attempts.length, 0);
});

test('images and user tokens are passed on in any order', async () => {
  const core = fakeCore({ status: true, code: 'similar' });
  const photo = new Blob(['photo']);
  for (const values of [
    [photo, 'user-1'],
    ['user-1', photo],
  ]) {
    const result = await clientOf(core).face.isSimilar(...values);
    assert.equal(result.message, 'The faces are of the same person.');
    const { values: sent } = core.attempts.at(-1);
    assert.ok(sent[0] instanceof Blob);
    assert.equal(sent[1], 'user-1');
  }
  assert.deepEqual(core.checks[0].slice(1), [[{ file: photo }, 'user-1'], true]);
});

test('an expired token and a missing one are not sent', async () => {
  const core = fakeCore(success);
  const client = clientOf(core);
  client.setToken('');
  assert.equal((await client.face.enrollment.read()).code, 'unauthorized');
  assert.equal(core.attempts.length, 0);
  client.init('api-key');
  assert.equal((await client.face.enrollment.read()).code, 'success');
  assert.equal(core.attempts[0].settings.apiKey, 'api-key');
});

test('no error shows a credential', async () => {
  const refusal = { code: 'unauthorized', detail: 'No: opaque-token-123456 api-key-1-abcdefg' };
  const client = clientOf(fakeCore(refusal));
  client.setToken('opaque-token-123456');
  client.init('api-key-1-abcdefg');
  const { message, cause } = await client.face.enrollment.read();
  assert.equal(cause, 'No: … …');
  assert.doesNotMatch(message, /…/, 'nor does the message, which is for people');
  for (const wrong of ['Bearer secret-1', '{"token":"secret-1"}', 42, null]) {
    assert.throws(
      () => client.setToken(wrong),
      (error) => error.code === 'unauthorized' && !error.message.includes('secret-1'),
    );
  }
});

test('clear forgets the user and cancels what is pending', async () => {
  const core = fakeCore(success);
  core.Perse.prototype.enrollmentRead = () => new Promise(() => {});
  const client = clientOf(core);
  const call = client.face.enrollment.read();
  await new Promise((resolve) => setTimeout(resolve, 10));
  client.clear();
  assert.deepEqual(await call, {
    ...{ status: false, code: 'aborted', message: 'The call was cancelled by Perse.clear().' },
  });
  assert.equal((await client.face.enrollment.delete('user-1')).code, 'unauthorized');
});

test('a call ends with its time limit', async () => {
  const core = fakeCore(success);
  core.Perse.prototype.enrollmentRead = () => new Promise(() => {});
  assert.equal((await clientOf(core).face.enrollment.read({ timeout: 20 })).code, 'timeout');
});

test('settings are checked, and a wrong one changes nothing', () => {
  const client = clientOf(fakeCore(success));
  assert.throws(() => client.configure({ timeout: 0 }), { code: 'invalid_request', name: 'PerseError' });
  assert.throws(() => client.onToken('x'), { code: 'invalid_request' });
  assert.throws(() => createClient(createLoader(), { nope: 1 }), PerseError);
});

test('a failure is a warning for the developer, in English', async (t) => {
  const warn = t.mock.method(console, 'warn', () => {});
  const client = clientOf(fakeCore({ code: 'network_error' }), { warn: true, locale: 'pt' });
  const { message } = await client.face.enrollment.read();
  assert.match(message, /serviço/);
  assert.match(
    warn.mock.calls[0].arguments[0],
    /^Perse: The service could not be reached.*\(network_error\).*CORS/,
  );
});

/** Runs an action while a library has added these to `Object.prototype`. */
async function polluted(additions, action) {
  Object.assign(Object.prototype, additions);
  try {
    return await action();
  } finally {
    for (const name of Object.keys(additions)) delete Object.prototype[name];
  }
}

test('a polluted Object.prototype is no consent, in any call form', async () => {
  const core = fakeCore(success);
  const client = createClient(createLoader(async () => core));
  client.setToken('opaque-token');
  const photo = new Blob(['photo']);
  const additions = { enduserConsent: true, warn: false, retryAfterMs: 1, detail: 'polluted' };
  await polluted(additions, async () => {
    const forms = [[], [{}], [{ timeout: 900 }], [false], [false, { timeout: 900 }], [undefined]];
    for (const form of forms) await client.face.detect(photo, ...form);
    client.configure({ warn: false });
    await client.face.detect(photo);
    client.configure({ enduserConsent: false });
    await client.face.detect(photo, {});
    client.clear();
    client.setToken('opaque-token');
    await client.face.detect(photo, {});
    await createClient(
      createLoader(async () => core),
      { warn: false },
    ).face.detect(photo);
  });
  assert.equal(core.checks.length, 10);
  for (const [, , hasConsent] of core.checks) assert.equal(hasConsent, false);
});

test('a polluted Object.prototype changes neither settings nor messages', async () => {
  const core = fakeCore(success, { code: 'no_face_detected' });
  const client = clientOf(core);
  const additions = {
    ...{ baseUrl: 'https://evil.example/v0', fetch: () => {}, throwOnError: true, timeout: 1, retries: 0 },
    ...{ messages: { timeout: 'polluted' }, locale: 'pt', signal: {}, apiKey: 'polluted' },
    ...{ detail: 'polluted', no_face_detected: 'polluted', success: 'polluted', en: { success: 'polluted' } },
  };
  await polluted(additions, async () => {
    client.configure({ warn: false });
    const photo = new Blob(['photo']);
    const found = await client.face.detect(photo, { enduserConsent: true });
    assert.equal(found.message, 'The request succeeded.');
    const { message } = await client.face.detect(photo);
    assert.doesNotMatch(message, /polluted/);
  });
  for (const { settings } of core.attempts) {
    const { baseUrl, apiKey } = settings;
    assert.deepEqual([baseUrl, apiKey], ['https://api.getperse.com/v0', undefined]);
  }
  assert.equal(core.attempts.length, 2);
});

test('a detail of a good response is no message', async () => {
  for (const detail of ['Send your card number.', { toString: () => 'evil' }]) {
    const result = await clientOf(fakeCore({ ...success, detail, message: detail })).face.enrollment.read();
    assert.deepEqual(result, { ...success, message: 'The request succeeded.' });
  }
});

test('a message is a string', async () => {
  const core = fakeCore({ code: 'timeout', detail: { evil: true } });
  const { message } = await clientOf(core, { retries: 0 }).face.enrollment.read();
  assert.equal(typeof message, 'string');
});

test('an enrolment on the own origin keeps one idempotency key over its attempts', async () => {
  for (const origin of ['https://api.example', 'https://page.example']) {
    globalThis.location = new URL(origin);
    try {
      const core = fakeCore({ code: 'rate_limited', retryAfterMs: 1 }, success);
      const client = clientOf(core, { baseUrl: 'https://api.example/v0' });
      for (let call = 0; call < 2; call++) await client.face.enrollment.create(new Blob(['photo']));
      await client.face.detect(new Blob(['photo']));
      const [first, second, other, none] = core.attempts.map(({ options }) => options.idempotencyKey);
      assert.equal(none, undefined);
      assert.equal(second, first);
      if (origin === 'https://page.example') {
        // A service of another origin may not allow the header.
        assert.deepEqual([first, other], [undefined, undefined]);
        continue;
      }
      assert.match(first, /^\d+(-\d+){3}$/);
      assert.match(other, /^\d+(-\d+){3}$/);
      assert.notEqual(other, first);
    } finally {
      delete globalThis.location;
    }
  }
});

test("a service's message is cut and cleaned", async () => {
  const detail = `No face.\u202e ${'ab12'.repeat(8)} ${'word '.repeat(900)}`;
  const core = fakeCore({ code: 'no_face_detected', detail });
  const { message } = await clientOf(core).face.detect(new Blob(['photo']));
  assert.equal(message.length, 300);
  assert.match(message, /^No face\. … word word /);
});

test('each step of a call is reported, without a token', async () => {
  const busy = { code: 'server_busy', retryAfterMs: 1 };
  const core = fakeCore(busy, success);
  const { detect } = core.Perse.prototype;
  core.Perse.prototype.detect = async function (...values) {
    await this.settings.fetch('https://api.example.com');
    return detect.apply(this, values);
  };
  const events = [];
  const headers = { 'x-request-id': 'request-1' };
  const client = clientOf(core, {
    fetch: async () => new Response('{}', { status: 503, headers }),
    onEvent: (event) => events.push(event),
  });
  client.setToken(async () => 'opaque-token-123456');
  await client.face.detect(new Blob(['photo']));
  const steps = events.map(({ ms, call, ...event }) => {
    assert.ok(Number.isInteger(ms) || event.type === 'request', event.type);
    assert.equal(call, events[0].call);
    return event;
  });
  assert.deepEqual(steps, [
    { type: 'token' },
    { type: 'prepare', bytes: 5 },
    { type: 'request', attempt: 1, bytes: 5 },
    { type: 'response', attempt: 1, httpStatus: 503, requestId: 'request-1' },
    { type: 'retry', attempt: 2, code: 'server_busy' },
    { type: 'request', attempt: 2, bytes: 5 },
    { type: 'response', attempt: 2, httpStatus: 503, requestId: 'request-1' },
    { type: 'result', code: 'success' },
  ]);
  await client.face.detect(new Blob(['photo']));
  assert.equal(events.at(-1).call, events[0].call + 1);
});

test('a listener that throws does not harm the call', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const client = clientOf(fakeCore(success), {
    onEvent() {
      throw new Error('mine');
    },
  });
  assert.equal((await client.face.enrollment.read()).code, 'success');
  assert.throws(() => t.mock.timers.runAll(), /mine/, 'it is an error of the page');
});

test('a failure says which of two images it is about', async () => {
  const core = fakeCore(success);
  const { inspectPhoto } = core;
  core.inspectPhoto = (bytes, ...values) => {
    if (bytes.length === 3) throw { code: 'empty_file' };
    return inspectPhoto(bytes, ...values);
  };
  const client = clientOf(core);
  const [good, bad] = [new Blob(['photo']), new Blob(['bad'])];
  assert.deepEqual((await client.face.compare(bad, good)).details, { image: 'a' });
  assert.deepEqual((await client.face.compare(good, bad)).details, { image: 'b' });
  assert.deepEqual((await client.face.compare('user-1', bad)).details, { image: 'b' });
  assert.equal((await client.face.detect(bad)).details, undefined);
});

test('the console is for developers, except for what they did themselves', async (t) => {
  const lines = [];
  t.mock.method(console, 'warn', (line) => lines.push(line));
  const client = clientOf(fakeCore({ code: 'unauthorized', detail: 'Expired at noon.' }), { warn: true });
  await client.face.enrollment.read();
  assert.match(lines.pop(), /Expired at noon\. \(unauthorized\).*setToken/);
  const controller = new AbortController();
  controller.abort();
  assert.equal(
    (await client.face.detect(new Blob(['photo']), { signal: controller.signal })).code,
    'aborted',
  );
  assert.deepEqual(lines, []);
  client.configure({ locale: 'fr-CA' });
  assert.match(lines.pop(), /"fr-CA".*English/);
  for (const locale of ['en-GB', 'pt-BR', 'es', '']) client.configure({ locale });
  assert.deepEqual(lines, []);
});

test('an error of another realm is recognised', () => {
  const error = runInNewContext('Object.assign(new Error("x"), { name: "PerseError", code: "timeout" })');
  assert.ok(!(error instanceof Error) && isPerseError(error));
  for (const other of [new Error('x'), { name: 'PerseError', code: 'timeout' }, null])
    assert.ok(!isPerseError(other));
});

test('a promise is no token', () => {
  assert.throws(() => clientOf(fakeCore(success)).setToken(Promise.resolve('x')), /a promise; await it/);
});

/** The outcome of `quality` and of `compare`. */
const goodQuality = { ...success, detailedFaces: [] };
const compared = (similarity) => ({ ...success, similarity, defaultThresholds: { similarity: 50 } });

test('verify judges the selfie, then compares it', async () => {
  for (const [similarity, status, code] of [
    [50, true, 'similar'],
    [49.9, false, 'not_similar'],
  ]) {
    const core = fakeCore(goodQuality, compared(similarity));
    const { message, ...result } = await clientOf(core).face.verify(
      new Blob(['selfie']),
      new Blob(['id photo']),
    );
    assert.deepEqual(result, { status, code, similarity, threshold: 50 });
    assert.match(message, /same person/);
    const sent = core.attempts.map(({ name, values }) => [name, values.length]);
    assert.deepEqual(sent, [
      ['quality', 1],
      ['compare', 2],
    ]);
    assert.equal(core.attempts[0].values[0], core.attempts[1].values[0], 'the selfie is prepared once');
  }
});

test('verify reports the worst finding first, and which photo it is about', async () => {
  const bad = {
    status: false,
    code: 'bad_image_quality',
    totalFaces: 1,
    detailedFaces: [{ isBlurred: true }],
  };
  const core = fakeCore(bad);
  core.Perse.prototype.quality = async () => bad;
  const [selfie, reference] = [new Blob(['selfie']), new Blob(['reference'])];
  const { message, ...blurred } = await clientOf(core).face.verify(selfie, 'user-1');
  assert.deepEqual(blurred, { ...bad, details: { image: 'a' } });
  assert.equal(core.attempts.length, 0, 'it is not compared');

  const noFace = { code: 'no_face_detected' };
  const inFirst = await clientOf(fakeCore(noFace)).face.verify(selfie, reference);
  assert.deepEqual([inFirst.code, inFirst.details], ['no_face_detected', { image: 'a' }]);
  const inSecond = await clientOf(fakeCore(goodQuality, noFace)).face.verify(selfie, reference);
  assert.deepEqual([inSecond.code, inSecond.details], ['no_face_detected', { image: 'b' }]);
  const swapped = await clientOf(fakeCore(goodQuality)).face.verify('user-1', selfie);
  assert.equal(swapped.code, 'invalid_request');
  assert.match(swapped.cause, /selfie first/);
});

test('verify resolves to the verdict of the precheck', async () => {
  globalThis.createImageBitmap = () => {};
  try {
    const core = fakeCore(goodQuality);
    core.inspectPhoto = () => {
      throw { code: 'bad_image_quality', detail: 'Too dark.' };
    };
    const client = clientOf(core, { precheck: true });
    const { message, ...verdict } = await client.face.verify(new Blob(['selfie']), 'user-1');
    const faces = { totalFaces: 0, detailedFaces: [] };
    assert.deepEqual(verdict, {
      ...faces,
      status: false,
      code: 'bad_image_quality',
      details: { image: 'a' },
    });
    assert.equal(message, 'Too dark.');
  } finally {
    delete globalThis.createImageBitmap;
  }
});

test('a detection at hand is judged by the core, and a failed one stays what it is', async () => {
  const core = fakeCore();
  core.judgeDetection = (detection) => ({ status: false, code: 'no_face_detected', detection });
  const client = clientOf(core);
  const detection = { ...success, message: 'The request succeeded.' };
  const { detection: judged, code } = await client.qualityOf(detection);
  assert.deepEqual([judged, code], [detection, 'no_face_detected']);
  const failure = { status: false, code: 'empty_file', message: 'Choose another one.' };
  assert.deepEqual(await client.qualityOf(failure), failure);
});

test('faces of a prepared photo are placed in the image of the page', () => {
  const face = { boundingBox: [1, 2, 30, 40], landmarks: { nose: [10, 20] }, confidence: 1 };
  const prepared = { blob: new Blob(['small']), width: 1000, height: 750, source: [4000, 3000] };
  const { faces, imageSize } = placeFaces({ ...success, faces: [face] }, prepared);
  assert.deepEqual(imageSize, { width: 4000, height: 3000 });
  assert.deepEqual(faces[0].boundingBox, [4, 8, 120, 160]);
  assert.deepEqual(faces[0].landmarks, { nose: [40, 80] });
  assert.equal(faces[0].confidence, 1);
});

/** An engine that finds one face, whose boxes and similarity are these. */
function fakeEngine({ boundingBox = [0, 0, 2, 1], similarity = 80 } = {}) {
  const engine = {
    photos: [],
    async detectFaces(...values) {
      engine.photos.push(...values);
      return { totalFaces: 1, faces: [{ boundingBox, landmarks: {} }] };
    },
    async compareFaces(photos) {
      engine.photos.push(...photos);
      return { similarity, defaultThresholds: { similarity: 50 } };
    },
  };
  return engine;
}

test('an engine takes the place of the service: no attempt, no token', async () => {
  const core = {
    ...fakeCore(),
    judgeDetection: (...values) => ({ status: false, code: 'bad_image_quality', values }),
  };
  const engine = fakeEngine();
  const client = createClient(
    createLoader(async () => core),
    { engine, warn: false, enduserConsent: true },
  );
  const photo = new Blob(['photo']);
  const source = 'device';
  const detected = await client.face.detect(photo);
  assert.deepEqual([detected.code, detected.source, detected.imageSize], ['success', source, imageSize]);
  assert.equal(await engine.photos[0].text(), 'photo');
  assert.ok(engine.photos[1] instanceof AbortSignal);
  const quality = await client.face.quality(photo);
  assert.deepEqual([quality.code, quality.source], ['bad_image_quality', source]);
  assert.equal(quality.values[0].totalFaces, 1);
  const compared = await client.face.compare(photo, photo);
  assert.deepEqual([compared.code, compared.source, compared.similarity], ['success', source, 80]);
  assert.deepEqual(await client.face.isSimilar(photo, photo), {
    ...{ status: true, code: 'similar', source, message: 'The faces are of the same person.' },
  });
  assert.equal(core.attempts.length, 0);
  const other = createClient(
    createLoader(async () => core),
    { engine: fakeEngine({ similarity: 49.9 }), warn: false, enduserConsent: true },
  );
  assert.equal((await other.face.isSimilar(photo, photo)).code, 'not_similar');
});

test('an engine finds faces without consent, and compares only with it', async () => {
  const core = fakeCore();
  const engine = fakeEngine();
  const client = createClient(
    createLoader(async () => core),
    { engine, warn: false },
  );
  const photo = new Blob(['photo']);
  await client.face.detect(photo);
  assert.deepEqual(
    core.checks.map(([, , consent]) => consent),
    [true, true],
  );
  core.checks = [];
  await client.face.compare(photo, photo);
  assert.deepEqual(
    core.checks.map(([, , consent]) => consent),
    [false, false],
    'before and after the photos',
  );
});

test('with an engine, what needs the service is refused before a photo is prepared', async () => {
  const core = fakeCore();
  const engine = fakeEngine();
  const client = clientOf(core, { engine });
  const photo = new Blob(['photo']);
  const { enrollment, qualityWithSpoofCheck, compare, verify } = client.face;
  for (const calling of [
    enrollment.create(photo),
    enrollment.read(),
    enrollment.delete('user'),
    qualityWithSpoofCheck(photo),
    compare(photo, 'user'),
    verify(photo, 'user'),
  ]) {
    const { code, cause } = await calling;
    assert.equal(code, 'invalid_request');
    assert.match(cause, /service|enrolled/);
  }
  assert.deepEqual([engine.photos, core.attempts], [[], []]);
});

test('an engine that fails says why by one of the codes', async () => {
  const photo = new Blob(['photo']);
  for (const [thrown, code, reason] of [
    [{ code: 'no_face_detected' }, 'no_face_detected', undefined],
    [new Error('No memory.'), 'internal_error', /No memory/],
  ]) {
    const engine = {
      ...fakeEngine(),
      compareFaces: async () => {
        throw thrown;
      },
    };
    const result = await clientOf(fakeCore(), { engine }).face.compare(photo, photo);
    assert.equal(result.code, code);
    if (reason) assert.match(result.cause, reason);
  }
  const missing = { detectFaces() {} };
  assert.throws(
    () => clientOf(fakeCore(), { engine: missing }),
    /engine expects the module perse-wasm\/device/,
  );
});
