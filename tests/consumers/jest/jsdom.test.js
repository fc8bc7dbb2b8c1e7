/** @jest-environment jsdom */
const Perse = require('perse-wasm');
const { createMockPerse } = require('perse-wasm/testing');

test('jsdom is named, with what to use instead', async () => {
  Perse.configure({ warn: false });
  const failure = await Perse.face.detect(new Blob(['photo']), true);
  expect(failure.code).toBe('wasm_unavailable');
  expect(failure.cause).toMatch(/jsdom.*createMockPerse/);
});

test('a mocked client takes the place of the real one', async () => {
  const perse = createMockPerse({ 'face.isSimilar': { code: 'not_similar' } });
  const { status } = await perse.face.isSimilar(new Blob(['selfie']), 'user-1', true);
  expect(status).toBe(false);
  expect(perse.calls).toHaveLength(1);
});
