import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { boundedFetch } from './bounded-fetch.js';

test('a response is read up to its limit, decompressed', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  const server = createServer((request, response) => {
    const body = request.url === '/bomb' ? bomb : gzipSync(Buffer.from('\ufeff{"é":1}'));
    response.writeHead(201, { 'content-encoding': 'gzip', 'retry-after': '3' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  try {
    const good = await boundedFetch(undefined, 1000)(`${url}/good`);
    assert.deepEqual(
      [good.status, good.headers.get('retry-after'), await good.text()],
      [201, '3', '{"é":1}'],
    );
    let read = 0;
    const counting = async (...request) => {
      const { body, status, headers } = await fetch(...request);
      const counted = new TransformStream({
        transform(chunk, controller) {
          read += chunk.length;
          controller.enqueue(chunk);
        },
      });
      return { body: body.pipeThrough(counted), status, headers };
    };
    assert.equal(await (await boundedFetch(counting, 1_000_000)(`${url}/bomb`)).text(), '');
    assert.ok(read > 1_000_000 && read < 2_000_000, `${read} bytes were read`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("a response of the page's own origin is left to the browser where its size is known", async () => {
  const respond = ({ type }, headers, text = '{}') =>
    Object.defineProperty(new Response(text, { headers }), 'type', { value: type });
  const fetched = async (response) => (await boundedFetch(async () => response, 10)('/')) === response;
  const length = { 'content-length': '2' };
  assert.ok(await fetched(respond({ type: 'basic' }, length)));
  assert.ok(!(await fetched(respond({ type: 'cors' }, length))));
  assert.ok(!(await fetched(respond({ type: 'basic' }, { ...length, 'content-encoding': 'gzip' }))));
  assert.ok(!(await fetched(respond({ type: 'basic' }, {}))));
  const long = respond({ type: 'basic' }, { 'content-length': '11' }, 'x'.repeat(11));
  assert.equal(await (await boundedFetch(async () => long, 10)('/')).text(), '');
});

test("a page's own response without a stream is left as it is", async () => {
  const own = { status: 200, text: async () => '{}' };
  assert.equal(await boundedFetch(async () => own, 10)('/'), own);
});
