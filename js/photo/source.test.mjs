import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { splitArguments } from '../client/arguments.js';
import { readSource } from './source.js';

/** An object whose tag names a class that Node.js lacks. */
const tagged = (name) => ({
  get [Symbol.toStringTag]() {
    return name;
  },
});

const refused = (words) => (error) => {
  assert.equal(error.code, 'invalid_file_type');
  assert.match(error.detail, words);
  return true;
};

test('files are taken as they are', () => {
  const blob = new Blob(['x']);
  assert.equal(readSource(blob).file, blob);
  const foreign = tagged('File');
  assert.equal(readSource(foreign).file, foreign, 'a file of another realm');
});

test('bytes are copied', async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  for (const value of [
    bytes,
    bytes.buffer,
    new DataView(bytes.buffer),
    runInNewContext('new Uint8Array([1, 2, 3])'),
  ]) {
    const { file } = readSource(value);
    bytes[0] = 9;
    assert.deepEqual([...new Uint8Array(await file.arrayBuffer())], [1, 2, 3]);
    bytes[0] = 1;
  }
  const part = new Uint8Array([0, 1, 2, 3]).subarray(1, 3);
  assert.equal(readSource(part).file.size, 2);
});

test('a data URL is decoded', async () => {
  const { file } = readSource(' data:image/png;base64,aGk= ');
  assert.equal(await file.text(), 'hi');
  for (const url of ['data:image/png;base64', 'data:image/png,hi', 'data:image/png;base64,%%%']) {
    assert.throws(() => readSource(url), refused(/data URL can't be read/), url);
  }
});

test('pixels are known by their tag', () => {
  for (const name of [
    'HTMLImageElement',
    'SVGImageElement',
    'HTMLVideoElement',
    'HTMLCanvasElement',
    'OffscreenCanvas',
    'ImageBitmap',
    'ImageData',
    'VideoFrame',
  ]) {
    const value = tagged(name);
    assert.equal(readSource(value).pixels, value);
  }
});

test('what is no image is named, with what to pass', () => {
  for (const [value, words] of [
    [[new Blob([])], /got an Array\. Pass one element, for example files\[0\]/],
    [tagged('FileList'), /got a FileList\. Pass one element/],
    [tagged('HTMLInputElement'), /got a HTMLInputElement\. Pass its file|got an? HTMLInputElement/],
    [Promise.resolve(), /got a Promise\. Await it first/],
    [new Response('x'), /got a Response\. Pass its content/],
    [42, /got a number\. Pass a file/],
    [Symbol('photo'), /got a symbol/],
    [() => {}, /got a function/],
  ]) {
    assert.throws(() => readSource(value), refused(words));
  }
  const hostile = {
    get [Symbol.toStringTag]() {
      throw new Error('no');
    },
  };
  assert.throws(() => readSource(hostile), refused(/got an object/));
});

test('a file whose getter throws is refused', () => {
  for (const name of ['size', 'type']) {
    const blob = Object.defineProperty(new Blob(['x']), name, {
      get() {
        throw new Error('no');
      },
    });
    assert.throws(() => readSource(blob), refused(/can't be read/));
  }
});

test('arguments are told apart by what they are', () => {
  const blob = new Blob(['x']);
  const { signal } = new AbortController();
  const { images, userTokens, options } = splitArguments([
    ...['user-1', undefined, blob, null, true, { timeout: 5, signal }],
    ...['data:image/png;base64,aGk=', { enduserConsent: false }],
  ]);
  assert.deepEqual(userTokens, ['user-1']);
  assert.equal(images[0].file, blob);
  assert.equal(images[1].file.size, 2);
  assert.deepEqual({ ...options }, { enduserConsent: false, timeout: 5, signal });
  assert.equal(splitArguments([runInNewContext('({ timeout: 7 })')]).options.timeout, 7);
  assert.throws(() => splitArguments([{ nope: 1 }]), { code: 'invalid_request' });
  assert.throws(
    () =>
      splitArguments([
        {
          get [Symbol.toStringTag]() {
            throw new Error('no');
          },
        },
      ]),
    {
      code: 'invalid_file_type',
    },
  );
});
