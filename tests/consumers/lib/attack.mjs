// An attempt to sign in as another person, step by step, against an example's server.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const CONSENT = 'client_declaration_enduser_consent';

/** A browser without a page: it keeps one site's cookies. */
function createVisitor(url) {
  let cookie = '';
  const send = async (path, { method = 'POST', body, headers } = {}) => {
    const response = await fetch(url + path, { method, body, headers: { ...headers, cookie } });
    const set = response.headers.get('set-cookie');
    if (set) cookie = set.split(';')[0];
    const text = await response.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      // Not every response is JSON.
    }
    return { status: response.status, headers: response.headers, text, json };
  };
  return {
    send,
    post: (path, body = {}) =>
      send(path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    me: async () => (await send('/me', { method: 'GET' })).json?.name,
    /** One call of the SDK with a ticket. */
    call: (token, path, fields, method = 'POST') => {
      const body = fields && new FormData();
      for (const [name, value] of Object.entries({ [CONSENT]: 'true', ...fields })) {
        body?.append(name, value);
      }
      return send(`/perse/v0${path}`, { method, body, headers: { authorization: `Bearer ${token}` } });
    },
  };
}

const readPhoto = async (path) => new Blob([await readFile(path)], { type: 'image/jpeg' });

/** Signs somebody up over HTTP, as the page does; gives what is needed to go on. */
export async function signUp(url, name, photo) {
  const visitor = createVisitor(url);
  const begun = await visitor.post('/sign-up', { name });
  assert.equal(begun.status, 200, begun.text);
  const { token } = begun.json;
  const enrolled = await visitor.call(token, '/face/enrollment', { image_file: await readPhoto(photo) });
  assert.equal(enrolled.status, 200, enrolled.text);
  assert.equal(enrolled.json.user_token, '', 'the page does not read the user token');
  const done = await visitor.post('/done');
  assert.deepEqual([done.status, done.json], [200, { name }]);
  assert.equal(await visitor.me(), name);
  return { visitor, token };
}

/** Logs in over HTTP; gives whom the server knows afterwards. */
export async function logIn(url, name, photo) {
  const visitor = createVisitor(url);
  const { token } = (await visitor.post('/login', { name })).json;
  await visitor.call(token, '/face/compare', { image_file: await readPhoto(photo), user_token: 'me' });
  await visitor.post('/done');
  return { visitor, token, name: await visitor.me() };
}

/**
 * The attack that once signed an attacker in as the victim, and what else comes to mind. `api` is the service
 * itself, `secret` that of the tickets, `photos` are paths.
 */
export async function attack({ url, api, secret, photos }) {
  const { firstPerson, firstPersonAgain, secondPerson } = photos;
  const [victimsFace, ownFace] = await Promise.all([readPhoto(firstPerson), readPhoto(secondPerson)]);
  await signUp(url, 'victim', firstPerson);
  const own = await signUp(url, 'mallory', secondPerson);

  const mallory = createVisitor(url);
  const begin = async (path, name) => (await mallory.post(path, { name })).json.token;
  const refused = async (answer, status, code) => {
    const { status: seen, text, json, headers } = await answer;
    assert.equal(seen, status, text);
    assert.equal(json.code, code, text);
    assert.equal(json.status, false);
    assert.ok(headers.get('x-request-id'));
  };
  const notSignedIn = async () => {
    assert.equal((await mallory.post('/done')).status, 401);
    assert.equal(await mallory.me(), undefined);
  };

  // A ticket for the victim's login: what else does it open?
  const token = await begin('/login', 'victim');
  await refused(mallory.call(token, '/face/enrollment/list', undefined, 'GET'), 403, 'request_refused');
  await refused(mallory.call(token, '/face/enrollment/anybody', undefined, 'DELETE'), 403, 'request_refused');
  const replacement = { image_file: ownFace, user_token: 'victim' };
  await refused(mallory.call(token, '/face/enrollment', replacement, 'PUT'), 403, 'request_refused');
  await refused(mallory.call(token, '/face/enrollment', { image_file: ownFace }), 403, 'request_refused');
  await refused(mallory.call(token, '/face/detect', { image_file: ownFace }), 403, 'request_refused');
  // It is no session token of the service itself.
  for (const path of ['/face/enrollment/list', '/face/detect']) {
    const direct = await fetch(api + path, {
      ...{ method: path.endsWith('list') ? 'GET' : 'POST', headers: { authorization: `Bearer ${token}` } },
    });
    assert.equal(direct.status, 401);
  }
  await notSignedIn();

  // The own face against the own enrolment, and one photo against itself: both are similar.
  const fields = { image_file: ownFace, user_token: 'mallory' };
  const compared = await mallory.call(token, '/face/compare', fields);
  assert.equal(compared.json.similarity, 0, 'the user of the server counts, and no number is told');
  const pair = { image_file1: victimsFace, image_file2: victimsFace };
  await refused(mallory.call(token, '/face/compare', pair), 400, 'form_key_missing');
  await notSignedIn();

  // Too large, without consent, not a form.
  const large = { image_file: new Blob([new Uint8Array(3_000_000)]) };
  await refused(mallory.call(token, '/face/compare', large), 413, 'file_too_large');
  const unwilling = { image_file: victimsFace, [CONSENT]: 'false' };
  await refused(mallory.call(token, '/face/compare', unwilling), 422, 'consent_required');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await refused(
    mallory.send('/perse/v0/face/compare', { body: '{}', headers }),
    ...[415, 'content_type_header_missing'],
  );

  // Four more attempts, and then not even the victim's own face helps.
  for (let attempt = 2; attempt <= 5; attempt += 1) {
    assert.equal((await mallory.call(token, '/face/compare', fields)).status, 200);
  }
  await refused(mallory.call(token, '/face/compare', { image_file: victimsFace }), 401, 'unauthorized');
  await notSignedIn();

  // Tickets of others, of before, and of one's own making.
  const passed = await logIn(url, 'victim', firstPersonAgain);
  assert.equal(passed.name, 'victim', 'the honest person is signed in');
  const face = { image_file: victimsFace };
  await refused(mallory.call(passed.token, '/face/compare', face), 401, 'unauthorized');
  await refused(mallory.call(own.token, '/face/enrollment', face), 401, 'unauthorized');
  const signUpTicket = await begin('/sign-up', 'newcomer');
  await refused(mallory.call(signUpTicket, '/face/compare', face), 403, 'request_refused');
  const fresh = await begin('/login', 'victim');
  const [head, payload] = fresh.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const sign = (changes, key = secret) => {
    const text = `${head}.${Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url')}`;
    return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
  };
  const expired = sign({ exp: Math.floor(Date.now() / 1000) - 1 });
  for (const ticket of [expired, sign({}, 'a guess'), sign({ jti: 'another' }), `${head}.${payload}.`, '']) {
    await refused(mallory.call(ticket, '/face/compare', face), 401, 'unauthorized');
  }
  await notSignedIn();

  // Somebody else's result: nothing that a page sends names a verification.
  assert.equal((await mallory.post('/done', { verification: claims.jti, id: claims.jti })).status, 401);
  // The victim's name cannot be signed up again, with another face.
  assert.equal((await mallory.post('/sign-up', { name: 'victim' })).status, 409);
  // And all of it has changed nothing.
  assert.equal((await logIn(url, 'victim', firstPersonAgain)).name, 'victim');
  assert.equal((await logIn(url, 'victim', secondPerson)).name, undefined);
  assert.equal((await logIn(url, 'mallory', secondPerson)).name, 'mallory');
}
