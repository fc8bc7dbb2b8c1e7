import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMockPerse } from './testing.js';

test('a method returns what the test sets, and is recorded', async () => {
  const perse = createMockPerse({
    'face.isSimilar': { code: 'similar' },
    'face.detect': async (photo) => ({ code: 'success', totalFaces: photo.size }),
  });
  perse.setToken('token');
  assert.deepEqual(await perse.face.isSimilar('photo', 'user', true), {
    ...{ status: true, code: 'similar', message: 'similar' },
  });
  assert.equal((await perse.face.detect({ size: 2 })).totalFaces, 2);
  assert.deepEqual(
    perse.calls.map(({ method }) => method),
    ['setToken', 'face.isSimilar', 'face.detect'],
  );
  perse.setResults({ 'face.isSimilar': { code: 'timeout', message: 'Later.' } });
  assert.deepEqual(await perse.face.isSimilar(), { status: false, code: 'timeout', message: 'Later.' });
});

test('every method of a client is there, and names itself without a result', async () => {
  const perse = createMockPerse();
  const { face, image } = perse;
  for (const [name, method] of Object.entries({ ...face, ...face.enrollment, ...image })) {
    if (typeof method === 'function')
      await assert.rejects(method(), new RegExp(`no result for [\\w.]*${name}`));
  }
  await assert.rejects(perse.qualityOf({}), /no result for qualityOf/);
  perse.onToken(() => {})();
});
