import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS, preparePhoto } from './prepare.js';

const { signal } = new AbortController();

/** A core whose inspections are these in turn, and which keeps what it was given. */
function coreOf(...inspections) {
  const core = { inspected: [] };
  core.inspectPhoto = (bytes, size, maxSide, maxBytes) => {
    core.inspected.push({ bytes: bytes.length, size, maxSide, maxBytes });
    const inspection = inspections[Math.min(core.inspected.length, inspections.length) - 1];
    if (inspection.code) throw inspection;
    return {
      ...{ next: 'send', type: 'image/jpeg', width: 4, height: 3, orientation: 1, removed: [] },
      ...inspection,
    };
  };
  return core;
}

const prepare = (core, file, options) =>
  preparePhoto({ file }, { core, limits: DEFAULT_LIMITS, signal, ...options });

test('a photo that fits goes out as the bytes that were inspected', async () => {
  const file = new Blob(['photo'], { type: 'image/jpeg' });
  const photo = await prepare(coreOf({}), file);
  assert.notEqual(photo.blob, file, 'the file may change before it is sent');
  assert.equal(await photo.blob.text(), 'photo');
  assert.deepEqual(photo.report, {
    from: { type: 'image/jpeg', bytes: 5, width: 4, height: 3 },
    to: { type: 'image/jpeg', bytes: 5, width: 4, height: 3 },
    ...{ isTurned: false, isResized: false, isConverted: false, removed: [] },
  });
});

test("a photo's type is what its content says", async () => {
  const photo = await prepare(coreOf({ type: 'image/png' }), new Blob(['photo'], { type: 'text/html' }));
  assert.equal(photo.blob.type, 'image/png');
  assert.equal(await photo.blob.text(), 'photo');
});

test('bytes without metadata take the place of the file', async () => {
  const bytes = new TextEncoder().encode('bare');
  const photo = await prepare(coreOf({ bytes, removed: ['exif', 'gps'] }), new Blob(['with metadata']));
  assert.equal(await photo.blob.text(), 'bare');
  assert.deepEqual(photo.report.removed, ['exif', 'gps']);
  assert.equal(photo.report.to.bytes, 4);
});

test('of a large file only the beginning is read, unless the core asks for more', async () => {
  const file = new Blob([new Uint8Array(2_000_001)]);
  const core = coreOf({ next: 'readMore' }, {});
  await prepare(core, file);
  assert.deepEqual(
    core.inspected.map(({ bytes }) => bytes),
    [512_000, 2_000_001],
  );
  const small = coreOf({});
  await prepare(small, new Blob([new Uint8Array(2_000_000)]));
  assert.deepEqual(small.inspected, [
    { bytes: 2_000_000, size: 2_000_000, maxSide: 1600, maxBytes: 500_000 },
  ]);
});

test('calls with one file share one preparation for each set of limits, with reports of their own', async () => {
  const file = new Blob(['photo']);
  const core = coreOf({});
  const [one, other] = await Promise.all([prepare(core, file), prepare(core, file)]);
  assert.equal(one.blob, other.blob);
  one.report.removed.push('mine');
  one.report.to.width = 0;
  assert.deepEqual([other.report.removed, other.report.to.width], [[], 4]);
  assert.deepEqual((await prepare(core, file)).report, other.report);
  assert.equal(core.inspected.length, 1);
  await prepare(core, file, { limits: { ...DEFAULT_LIMITS, maxSide: 800 } });
  await prepare(core, file, { limits: undefined });
  assert.deepEqual(
    core.inspected.map(({ maxSide }) => maxSide),
    [1600, 800, 0],
  );
});

test('a refusal of the core is passed on, and not kept', async () => {
  const file = new Blob(['photo']);
  await assert.rejects(prepare(coreOf({ code: 'invalid_file_type' }), file), { code: 'invalid_file_type' });
  assert.ok(await prepare(coreOf({}), file));
});

test('a file that can no longer be read is named', async () => {
  const gone = Object.create(Blob.prototype, { size: { value: 5 } });
  await assert.rejects(prepare(coreOf({}), gone), (error) => {
    assert.equal(error.code, 'invalid_file_type');
    assert.match(error.detail, /moved or changed after it was chosen/);
    return true;
  });
});

test("a file's own methods are not trusted", async () => {
  const file = Object.defineProperty(new Blob(['photo']), 'slice', { value: () => ({}) });
  assert.equal(await (await prepare(coreOf({}), file)).blob.text(), 'photo');
});
