// The two pixel modules, with vectors and without, do the same to the bit.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const load = async (folder) => {
  const module = await import(`../../build/${folder}/perse_pixels.js`);
  module.initSync({ module: await readFile(`build/${folder}/pixels.wasm`) });
  return module;
};
const [plain, simd] = await Promise.all(['pixels', 'pixels-simd'].map(load));

/** Bytes that look random; the fourth of each pixel is 255. */
function pixels(width, height) {
  let state = 1;
  return Uint8ClampedArray.from({ length: width * height * 4 }, (_, at) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return at % 4 === 3 ? 255 : state >>> 24;
  });
}

function scaled({ Scaler, moduleMemory }, rgba, source, target, orientation) {
  const scaler = Scaler.create(...source, ...target, orientation);
  scaler.push(rgba);
  const { width, height, pixels } = scaler;
  return Buffer.from(moduleMemory().buffer.slice(pixels, pixels + width * height * 4));
}

test('both scale alike', () => {
  for (const [source, target] of [
    [
      [1, 1],
      [1, 1],
    ],
    [
      [7, 5],
      [3, 2],
    ],
    [
      [64, 48],
      [63, 47],
    ],
    [
      [301, 203],
      [123, 77],
    ],
    [
      [640, 9],
      [5, 1],
    ],
  ]) {
    const rgba = pixels(...source);
    for (const orientation of [1, 2, 7]) {
      const [a, b] = [plain, simd].map((module) => scaled(module, rgba, source, target, orientation));
      assert.equal(a.length, target[0] * target[1] * 4);
      assert.ok(a.equals(b), `${source} to ${target}, orientation ${orientation}`);
    }
  }
});

test('both measure alike', () => {
  for (const [width, height] of [
    [1, 1],
    [3, 2],
    [17, 9],
    [300, 50],
    [4100, 7],
  ]) {
    const rgba = pixels(width, height);
    const [a, b] = [plain, simd].map(({ Meter }) => {
      const meter = new Meter(width);
      meter.push(rgba);
      return meter.finish();
    });
    assert.deepEqual(a, b, `${width} × ${height}`);
    assert.ok(width < 3 || a.sharpness > 0);
  }
});
