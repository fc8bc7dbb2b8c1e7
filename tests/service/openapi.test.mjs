// The service's responses, compared with its OpenAPI document.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import sharp from 'sharp';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { form, JWT_SECRET, portrait, PRIVATE_KEY } from './client.mjs';

let sandbox, document, ajv, photo;

before(async () => {
  sandbox = await startSandbox(['--private-key', PRIVATE_KEY, '--jwt-secret', JWT_SECRET]);
  const response = await fetch(`${sandbox.url}/v0/openapi.json`);
  assert.equal(response.headers.get('content-type'), 'application/json');
  document = await response.json();
  // Words of OpenAPI that JSON Schema lacks are for readers.
  ajv = new Ajv({ strict: false, allErrors: true, formats: { double: true, int32: true } });
  ajv.addSchema(document, 'openapi.json');
  photo = await portrait();
});
after(() => sandbox?.stop());

/** The document's part for a response, by the path's template. */
function documented(method, template, status) {
  const operation = document.paths[template]?.[method.toLowerCase()];
  assert.ok(operation, `${method} ${template} is not in the document`);
  const response = operation.responses[status];
  assert.ok(response, `${method} ${template} gives ${status}, which is not in the document`);
  const escape = (part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
  const pointer = [
    'paths',
    template,
    method.toLowerCase(),
    'responses',
    status,
    'content',
    'application/json',
  ];
  return { response, schema: { $ref: `openapi.json#/${[...pointer, 'schema'].map(escape).join('/')}` } };
}

/** Sends a request, and checks that its response is one of those of the document. */
async function check(method, template, { path = template, headers = {}, body, status = 200 } = {}) {
  const response = await fetch(`${sandbox.url}/v0${path}`, { method, headers, body });
  const json = await response.json();
  const part = documented(method, template, String(response.status));
  const validate = ajv.compile(part.schema);
  assert.ok(validate(json), `${method} ${path}: ${JSON.stringify(json)}\n${ajv.errorsText(validate.errors)}`);
  assert.ok(response.headers.get('x-request-id'));
  for (const name of ['retry-after']) {
    if (response.headers.has(name)) assert.ok(part.response.headers[name], `${name} is not in the document`);
  }
  assert.equal(response.status, status, JSON.stringify(json));
  return json;
}

const KEY = { 'x-api-key': PRIVATE_KEY };
const login = (body, status) =>
  check('POST', '/login', { body: typeof body === 'string' ? body : JSON.stringify(body), status });
const pair = (one, other) => {
  const body = new FormData();
  body.append('client_declaration_enduser_consent', 'true');
  body.append('image_file1', new Blob([one]));
  body.append('image_file2', new Blob([other]));
  return body;
};

test('the document is one of OpenAPI 3.1, and each reference in it leads somewhere', () => {
  assert.equal(document.openapi, '3.1.0');
  const references = JSON.stringify(document).match(/"\$ref":"[^"]+"/g);
  assert.ok(references.length > 10);
  for (const reference of references) {
    const [, schema] = /#\/components\/schemas\/(\w+)/.exec(reference);
    assert.ok(document.components.schemas[schema], schema);
  }
  const operations = Object.values(document.paths).flatMap(Object.values);
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});

test('a login', async () => {
  assert.ok((await login({ privateKey: PRIVATE_KEY })).token);
  await login({ privateKey: PRIVATE_KEY, scope: 'detect compare' });
  await login({ privateKey: PRIVATE_KEY, scope: 'all' }, 400);
  await login('{', 400);
  await login({}, 400);
  await login({ privateKey: 'another' }, 401);
  await login(' '.repeat(20_000), 413);
});

test('photos', async () => {
  const send = (template, body, status, headers = KEY) =>
    check('POST', template, { body, status, headers: { ...headers } });
  for (const template of ['/face/detect', '/face/enrollment']) {
    await send(template, form(photo));
    await send(template, form(photo, { client_declaration_enduser_consent: 'false' }), 422);
    await send(template, new FormData(), 400);
    await send(template, form(''), 400);
    await send(template, form('not an image'), 415);
    await send(template, form(Buffer.alloc(1_100_000)), 413);
    await send(template, 'text', 415);
    await send(template, form(photo), 401, {});
    const wall = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'grey' } })
      .jpeg()
      .toBuffer();
    // A photo without a face is measured, and not enrolled.
    await send(template, form(wall), template === '/face/detect' ? 200 : 422);
    const { token } = await login({ privateKey: PRIVATE_KEY, scope: 'users' });
    await send(template, form(photo), 403, { authorization: `Bearer ${token}` });
  }
  assert.ok((await send('/face/compare', pair(photo, photo))).similarity > 99);
  await send('/face/compare', form(photo, { user_token: 'nobody' }), 422);
  const dark = await sharp(photo).linear(0.05, 0).jpeg().toBuffer();
  await send('/face/enrollment', form(dark), 422);
  await send('/face/enrollment', form(photo), 400, { ...KEY, 'idempotency-key': 'a b' });
});

test('users', async () => {
  const send = (method, template, options) => check(method, template, { headers: KEY, ...options });
  const { user_token: user } = await send('POST', '/face/enrollment', { body: form(photo) });
  const { user_token: other } = await send('POST', '/face/enrollment', { body: form(photo) });
  await send('PUT', '/face/enrollment', { body: form(photo, { user_token: user }) });
  await send('PUT', '/face/enrollment', { body: form(photo, { user_token: 'nobody' }), status: 422 });
  await send('PUT', '/face/enrollment', { body: form(photo), status: 400 });
  const list = '/face/enrollment/list';
  await send('GET', list);
  const { next_cursor: cursor } = await send('GET', list, { path: `${list}?limit=1` });
  assert.ok(cursor);
  await send('GET', list, { path: `${list}?limit=1&cursor=${cursor}` });
  await send('GET', list, { path: `${list}?limit=0`, status: 400 });
  await send('GET', list, { headers: { authorization: 'Bearer nonsense' }, status: 401 });
  const remove = '/face/enrollment/{user_token}';
  await send('DELETE', remove, { path: `/face/enrollment/${user}` });
  await send('DELETE', remove, { path: `/face/enrollment/${user}`, status: 422 });
  await send('DELETE', remove, { path: `/face/enrollment/${other}`, headers: {}, status: 401 });
});
