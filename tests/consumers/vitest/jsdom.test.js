import { expect, test } from 'vitest';
import * as Perse from 'perse-wasm';
import { createMockPerse } from 'perse-wasm/testing';

test('jsdom is named, with what to use instead', async () => {
  Perse.configure({ warn: false });
  const failure = await Perse.face.detect(new Blob(['photo']), true);
  expect(failure.code).toBe('wasm_unavailable');
  expect(failure.cause).toMatch(/jsdom.*createMockPerse/);
});

test('a mocked client takes the place of the real one', async () => {
  const perse = createMockPerse({ 'face.verify': () => ({ code: 'similar', similarity: 90 }) });
  const result = await perse.face.verify(new Blob(['selfie']), 'user-1', true);
  expect(result).toMatchObject({ status: true, code: 'similar', similarity: 90 });
});
