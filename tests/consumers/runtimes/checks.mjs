// Checks of perse-wasm/server in every runtime. Nothing here is of one of them: no node:assert, no process.
import { createSession, createVerifications, isPerseError, PerseError } from 'perse-wasm/server';

const MINUTE = 60_000;

/**
 * Checks it against the real sandbox at `api`, and a server that misbehaves, by path, at `hostile`. Gives
 * what does not hold; `count` checks were made.
 */
export async function check({ api, hostile, privateKey }) {
  const problems = [];
  let count = 0;
  const hold = (what, holds, seen) => {
    count += 1;
    if (!holds) problems.push(`${what}: ${seen}`);
  };

  const fails = async (what, options, code, message) => {
    const error = await createSession(options).catch((error) => error);
    const isOurs = isPerseError(error) && error instanceof PerseError && error.status === false;
    hold(what, isOurs && error.code === code && message.test(error.message), String(error?.stack ?? error));
    const told = [error?.message, error?.stack, JSON.stringify(error), String(error?.cause)].join();
    hold(`${what}: the key is not told`, !told.includes(privateKey), 'it is');
  };
  const at = (path, options) => ({ privateKey, baseUrl: `${hostile}/${path}`, ...options });

  for (const baseUrl of [api, `${api}/`, api.replace('127.0.0.1', 'localhost')]) {
    const before = Date.now();
    try {
      const { token, expiresAt, ...others } = await createSession({
        privateKey: ` ${privateKey}\n`,
        baseUrl,
      });
      const list = await fetch(`${api}/face/enrollment/list`, {
        headers: { authorization: `Bearer ${token}` },
      });
      hold('the API takes the token', list.status === 200, list.status);
      const life = expiresAt - before;
      // The token counts in whole seconds.
      hold('it lives 15 minutes', life > 14.9 * MINUTE && life < 15.1 * MINUTE, life);
      hold('nothing else is in it', Object.keys(others).length === 0, Object.keys(others));
    } catch (error) {
      hold(`a session of ${baseUrl}`, false, error?.stack ?? error);
    }
  }
  await fails(
    'another key',
    { privateKey: `not-${privateKey}`, baseUrl: api },
    'unauthorized',
    /private key/,
  );
  await fails('a wrong path', { privateKey, baseUrl: `${api}/v0` }, 'route_not_found', /base ?URL/i);

  // None of these is sent.
  const refused = (what, options, message) =>
    fails(what, { privateKey, baseUrl: api, ...options }, 'invalid_request', message);
  for (const key of [undefined, null, '', ' ', 5, {}]) {
    await refused(`the key ${JSON.stringify(key)}`, { privateKey: key }, /privateKey is missing/);
  }
  for (const baseUrl of [
    '',
    '/v0',
    'api.example',
    'ftp://localhost',
    'http://example.com',
    5,
    null,
    privateKey,
  ]) {
    await refused(`the baseUrl ${typeof baseUrl}`, { baseUrl }, /begins with https/);
  }
  for (const baseUrl of ['http://127.0.0.1.example.com', 'http://localhost.example.com', 'http://10.0.0.1']) {
    await refused(`the baseUrl ${baseUrl}`, { baseUrl }, /only for this very machine/);
  }
  for (const rest of [
    `${privateKey}@localhost/`,
    `u:${privateKey}@localhost/`,
    'localhost/?a',
    'localhost/#a',
  ]) {
    await refused('more than a baseUrl', { baseUrl: `https://${rest}` }, /without a user, a query or/);
  }
  for (const timeout of [0, -1, NaN, '5', null]) {
    await refused(`the timeout ${timeout}`, { timeout }, /timeout expects milliseconds/);
  }
  await refused('a signal that is none', { signal: {} }, /AbortSignal/);
  await refused('an unknown option', { apiKey: privateKey }, /no option apiKey/);
  await refused('a secret as an option', { [privateKey]: 1 }, /no option of that name/);
  for (const options of [undefined, null, privateKey]) {
    await fails('no options', options, 'invalid_request', /expected an object/);
  }

  // The response is not the API's, or is damaged.
  await fails('a redirect', at('redirect'), 'invalid_response', /redirect, which was not followed/);
  await fails('a page', at('page'), 'invalid_response', /no session token/);
  await fails('a page of an error', at('page-404'), 'invalid_response', /HTTP status 404/);
  await fails('no token', at('no-token'), 'invalid_response', /no session token/);
  await fails('a token for no header', at('bad-token'), 'invalid_response', /no session token/);
  await fails('a refusal with status 200', at('refusal-200'), 'request_refused', /It said: Not today/);
  await fails('a body that repeats the key', at('echo'), 'invalid_request', /malformed/);
  await fails('a refusal that repeats it', at('echo-unknown'), 'request_refused', /refused the request\.$/);
  await fails('known words are kept', at('known'), 'server_busy', /^Back at noon\.$/);
  await fails('too many requests', at('429'), 'rate_limited', /Try again/);
  await fails('an overloaded proxy', at('503'), 'server_busy', /busy/);
  await fails('a failed proxy', at('502'), 'server_error', /failed/);
  await fails('a proxy that wants to know who', at('401'), 'unauthorized', /private key/);
  await fails('a cut connection', at('cut'), 'network_error', /could not be reached/);
  await fails('nobody there', { privateKey, baseUrl: 'http://127.0.0.1:2' }, 'network_error', /baseUrl/);

  for (const path of ['silent', 'half']) {
    const started = Date.now();
    await fails(`a timeout, ${path}`, at(path, { timeout: 200 }), 'timeout', /200 ms/);
    hold('it comes in time', Date.now() - started < 3_000, Date.now() - started);
    const controller = new AbortController();
    setTimeout(() => controller.abort(privateKey), 100);
    await fails(`an abort, ${path}`, at(path, { signal: controller.signal }), 'aborted', /aborted/);
  }
  await fails(
    'an earlier abort',
    { privateKey, baseUrl: api, signal: AbortSignal.abort() },
    'aborted',
    /abort/,
  );

  // A token that doesn't say when it expires, and one that has more than ASCII in it.
  for (const path of ['opaque-token', 'no-exp']) {
    const before = Date.now();
    const { expiresAt } = await createSession(at(path, { timeout: 2 ** 40 }));
    hold(
      `${path} lives 15 minutes`,
      expiresAt >= before + 15 * MINUTE && expiresAt <= Date.now() + 15 * MINUTE,
    );
  }
  const { expiresAt } = await createSession(at('exp'));
  hold('exp counts in seconds', expiresAt === 4_000_000_000_000, expiresAt);

  await fails('an endless answer', at('endless'), 'invalid_response', /too long/);
  await fails('a bomb', at('bomb'), 'invalid_response', /too long/);

  await checkVerifications({ api, hostile, privateKey, hold });

  return { count, problems };
}

/** A sign-up, a login and what must not become one, with a real photo and the real sandbox. */
async function checkVerifications({ api, hostile, privateKey, hold }) {
  const errors = [];
  const onError = (error) => void errors.push(String(error?.message ?? error));
  const results = [];
  const onResult = (result) => void results.push(result.status);
  const verifications = createVerifications({ privateKey, baseUrl: api, scoped: true, onError, onResult });
  const photo = await fetch(`${hostile}/photo`).then((response) => response.blob());
  const call = async (token, path, fields, method = 'POST') => {
    const form = new FormData();
    form.append('client_declaration_enduser_consent', 'true');
    for (const [name, value] of Object.entries(fields ?? {})) form.append(name, value);
    const request = new Request(`https://shop.example/perse/v0${path}`, {
      ...{ method, headers: { authorization: `Bearer ${token}` } },
      ...(fields && { body: form }),
    });
    const response = await verifications.handle(request);
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
  const is = (what, { status, body }, expected) => {
    const seen = `${status} ${JSON.stringify(body)} ${errors}`;
    hold(what, status === expected && (status === 200) === (body.status !== false), seen);
  };

  const enrolment = await verifications.start({ purpose: 'enrol', subject: 'ada' });
  is('an enrolment', await call(enrolment.token, '/face/enrollment', { image_file: photo }), 200);
  const { userToken, status } = await verifications.result(enrolment.id);
  hold('its user token is on the server', status === 'passed' && userToken?.length === 36, status);

  const login = await verifications.start({ purpose: 'login', userToken });
  is('a list', await call(login.token, '/face/enrollment/list', undefined, 'GET'), 403);
  is('another purpose', await call(login.token, '/face/detect', { image_file: photo }), 403);
  const large = new Blob([new Uint8Array(2_000_000)]);
  is('too large', await call(login.token, '/face/compare', { image_file: large }), 413);
  is('no photo', await call(login.token, '/face/compare', {}), 400);
  is('no ticket', await call(`${login.token}x`, '/face/compare', { image_file: photo }), 401);
  const passed = await call(login.token, '/face/compare', { image_file: photo, user_token: 'me' });
  is('a login', passed, 200);
  hold('its verdict without the number', passed.body.similarity === 100, JSON.stringify(passed.body));
  hold('its request id', /^[\w-]{36}$/.test(passed.headers.get('x-request-id')), 'it has none');
  is('a used ticket', await call(login.token, '/face/compare', { image_file: photo }), 401);
  const result = await verifications.result(login.id);
  hold('its result', result.status === 'passed' && result.similarity > 99, JSON.stringify(result));

  const many = await verifications.start({ purpose: 'detect' });
  // Requests that the service refuses without any work.
  const blank = new Blob([new Uint8Array(100)]);
  const calls = Array.from({ length: 20 }, () => call(many.token, '/face/detect', { image_file: blank }));
  const statuses = (await Promise.all(calls)).map((answer) => answer.status);
  const count = (status) => statuses.filter((seen) => seen === status).length;
  hold('five of twenty at once', count(415) === 5 && count(401) === 15, statuses.join());
  hold('each final result is told once', results.join() === 'passed,passed,failed', results.join());
  hold('nothing failed', errors.length === 0, errors.join());
}
