// A photo's way from the page to the service: the built package against the real sandbox, in
// each of the three browser engines. What was sent is looked at with readers that are not ours.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import exifr from 'exifr';
import sharp from 'sharp';
import { chosenEngines, openBrowser } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { inPage } from '../consumers/lib/page.mjs';
import { serveFolder } from '../consumers/lib/static.mjs';
import { crop } from '../e2e/photos.mjs';
import { LARGE, LAID, largePhoto, picture, quarters } from './photos.mjs';

const FOLDER = join(root, 'build', 'upload-test');
/** The default limits of a prepared photo. */
const LIMIT = 500_000;
const LONGER_SIDE = 1_600;
/** Photos that each end in their own way, out of one. */
const MUTATIONS = 1_000;

const files = {};
before(makeFiles, { timeout: 120_000 });
after(() => rm(FOLDER, { recursive: true, force: true }));

for (const engine of chosenEngines()) {
  describe(`photos on their way, in ${engine}`, { timeout: 600_000 }, () => {
    let pages, sandbox, browser;

    /** Calls a function of the page: upload.page.js. */
    const run = (name, ...values) => {
      const call = async (name, values) => {
        while (!globalThis.page) await new Promise((resolve) => setTimeout(resolve, 10));
        return globalThis.page[name](...values);
      };
      return inPage(browser.driver, call, name, values);
    };

    before(async () => {
      [pages, sandbox, browser] = await Promise.all([
        serveFolder(root),
        startSandbox(['--cors', '*', '--private-key', 'images', '--faults']),
        openBrowser(engine),
      ]);
      await browser.driver.get(`${pages.url}/tests/image/upload.html`);
      await run('prepare', `${sandbox.url}/v0`, await sandbox.login('images'), Object.keys(files));
    });
    after(() => Promise.all([pages?.stop(), sandbox?.stop(), browser?.quit()]));

    /** The result of `Perse.image.prepare` for a file, its bytes included. */
    const prepared = (name, options) => run('prepareFile', name, options ?? {});
    /** A call with a file: its result, and the files that were sent. */
    const sent = (name, options) => run('detectFile', name, options ?? {});

    test('a photo that fits goes out with the same pixels and without its metadata', async () => {
      const before = await metadata(files.withPlace);
      assert.ok(before.latitude && before.Artist, 'the test needs a photo with metadata');
      const { result, uploads } = await sent('withPlace');
      assert.equal(result.code, 'success', result.message);
      assert.equal(result.totalFaces, 1);
      const [upload] = uploads.map(bytesOf);
      assert.equal(await metadata(upload), undefined);
      assert.ok(!upload.includes('SECRET'));
      assert.deepEqual(await pixels(upload), await pixels(files.withPlace));
      assert.ok(upload.includes('ICC_PROFILE'), 'its colours stay what they are');
    });

    test('a photo without metadata goes out byte for byte', async () => {
      for (const name of ['plain', 'png', 'webp']) {
        const { uploads } = await sent(name);
        assert.ok(bytesOf(uploads[0]).equals(files[name]), name);
      }
    });

    test('metadata is told of, and gone from every type that goes out', async () => {
      for (const name of ['withPlace', 'pngWithPlace', 'webpWithPlace']) {
        const { report, bytes } = await prepared(name);
        assert.ok(report.removed.includes('exif') && report.removed.includes('gps'), name);
        assert.ok(!report.isResized && !report.isConverted && !report.isTurned);
        assert.equal(await metadata(bytesOf(bytes)), undefined, name);
        assert.deepEqual(await pixels(bytesOf(bytes)), await pixels(files[name]), name);
      }
    });

    test('all eight orientations come out upright', async () => {
      for (const [name, orientation] of [
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`laid${number}`, number]),
        ...['laidPng', 'laidWebp', 'laidLarge', 'laidFarBack'].map((name) => [name, 6]),
      ]) {
        const { status, message, report, width, height, bytes } = await prepared(name);
        assert.equal(status, true, message);
        assert.equal(report.isTurned, orientation !== 1, name);
        assert.ok(width > height, `${name} is as wide as it was taken`);
        assert.deepEqual(await corners(bytesOf(bytes)), ['red', 'green', 'blue', 'white'], name);
        assert.equal(await exifr.orientation(bytesOf(bytes)).catch(() => undefined), undefined, name);
      }
    });

    test('a rotated photo of 12 megapixels is sent upright, within the default limits', async () => {
      const { report, bytes, blobType } = await prepared('large');
      assert.ok(files.large.length > 6 * LIMIT);
      assert.equal(blobType, 'image/jpeg');
      assert.ok(report.to.bytes <= LIMIT, `${report.to.bytes} bytes`);
      assert.equal(bytesOf(bytes).length, report.to.bytes);
      assert.deepEqual([report.from.width, report.from.height], [LARGE.height, LARGE.width]);
      assert.deepEqual([report.to.width, report.to.height], [LONGER_SIDE * 0.75, LONGER_SIDE]);
      assert.ok(report.isTurned && report.isResized);
      assert.ok(report.removed.includes('gps'));
      assert.equal(await metadata(bytesOf(bytes)), undefined);
    });

    test('a page may set other limits, which a photo uses to the full', async () => {
      const limits = { maxSide: 16_384, maxBytes: 1_000_000 };
      const { report } = await prepared('large', { prepare: limits });
      assert.ok(
        report.to.bytes <= limits.maxBytes && report.to.bytes > 0.6 * limits.maxBytes,
        report.to.bytes,
      );
      assert.ok(report.to.height > LONGER_SIDE);
      const small = await prepared('plain', { prepare: { maxSide: 300 } });
      assert.deepEqual([small.report.to.width, small.report.to.height], [300, 300]);
    });

    test('a file of 30 megabytes fits, too, and one of more than 64 is refused', async () => {
      assert.ok(files.huge.length > 30_000_000);
      const { status, report, message } = await prepared('huge');
      assert.equal(status, true, message);
      assert.ok(report.to.bytes <= LIMIT);
      const { code } = await run('tooLarge');
      assert.equal(code, 'file_too_large');
    });

    test('types that the service does not take are converted', async () => {
      for (const name of ['gif', 'bmp']) {
        const { result, uploads } = await sent(name);
        assert.equal(result.code, 'success', `${name}: ${result.message}`);
        assert.equal((await sharp(bytesOf(uploads[0])).metadata()).format, 'jpeg');
      }
      const avif = await prepared('avif');
      if (avif.status) assert.ok(avif.report.isConverted);
      else assert.match(avif.message, /AVIF.*JPEG/);
      const { status, code, message } = await prepared('heic');
      assert.deepEqual([status, code], [false, 'invalid_file_type']);
      assert.match(message, /HEIC.*Most Compatible/);
    });

    test('faces are placed in the image of the page, however small it was sent', async () => {
      const small = await sent('plain');
      const large = await sent('enlarged');
      assert.equal(small.result.totalFaces, 1, small.result.message);
      assert.deepEqual(small.result.imageSize, { width: 600, height: 600 });
      assert.deepEqual(large.result.imageSize, { width: 2400, height: 2400 });
      const { width } = await sharp(bytesOf(large.uploads[0])).metadata();
      assert.equal(width, LONGER_SIDE);
      const [expected, placed] = [small, large].map(({ result }) => result.faces[0]);
      const side = 4 * expected.boundingBox[2];
      for (const [axis, value] of placed.boundingBox.entries()) {
        assert.ok(Math.abs(value - 4 * expected.boundingBox[axis]) < 0.05 * side, `${placed.boundingBox}`);
      }
      for (const [name, point] of Object.entries(placed.landmarks)) {
        for (const axis of [0, 1]) {
          assert.ok(Math.abs(point[axis] - 4 * expected.landmarks[name][axis]) < 0.05 * side, name);
        }
      }
    });

    test('verify judges the selfie before it compares', async () => {
      const good = await run('verified', 'plain', 'enlarged');
      assert.equal(good.code, 'similar');
      assert.ok(good.similarity >= good.threshold);
      assert.equal(good.uploads, 3, 'the selfie twice, the other once');
      const bad = await run('verified', 'blurred', 'plain');
      assert.deepEqual([bad.code, bad.details, bad.uploads], ['bad_image_quality', { image: 'a' }, 1]);
      const faceless = await run('verified', 'plain', 'laid1');
      assert.deepEqual([faceless.code, faceless.details], ['no_face_detected', { image: 'b' }]);
    });

    test('a detection at hand is judged as the service would', async () => {
      for (const name of ['plain', 'blurred', 'laid1']) {
        const { atHand, asked, requests } = await run('judgedTwice', name);
        assert.deepEqual(atHand, asked, name);
        assert.equal(requests, 0);
      }
    });

    test('every source is a photo', async () => {
      const results = await run('everySource');
      for (const [name, result] of Object.entries(results)) {
        assert.equal(result.code, 'success', `${name}: ${result.message}`);
        assert.deepEqual([result.width, result.height], [600, 600], name);
      }
      assert.ok(Object.keys(results).length >= 12, Object.keys(results).join());
    });

    test('what is no photo says why, without a request', async () => {
      const results = await run('noPhotos');
      const expected = {
        ...{
          empty: 'empty_file',
          text: 'invalid_file_type',
          zeroCanvas: 'empty_file',
          pdf: 'invalid_file_type',
        },
        ...{
          brokenImage: 'invalid_file_type',
          videoWithoutFrame: 'empty_file',
          brokenUrl: 'invalid_file_type',
        },
        ...{ bombPng: 'file_too_large', bombJpeg: 'file_too_large', bombGif: 'file_too_large' },
        ...{ cutInHeader: 'invalid_file_type', closedBitmap: 'empty_file', number: 'invalid_file_type' },
      };
      for (const [name, code] of Object.entries(expected)) {
        assert.equal(results[name]?.code, code, `${name}: ${JSON.stringify(results[name])}`);
        assert.match(results[name].message, /\.$/);
      }
      // Browsers differ in what they make of it.
      for (const name of ['transferred', 'transferredView']) {
        assert.match(results[name].code, /^(empty_file|invalid_file_type)$/, JSON.stringify(results[name]));
      }
      assert.equal(results.uploads, 0);
    });

    test('a JPEG that is one byte short, or cut in its pixels, is completed', async () => {
      for (const name of ['oneByteShort', 'cut', 'largeCut']) {
        const { status, message, bytes } = await prepared(name);
        assert.equal(status, true, `${name}: ${message}`);
        assert.ok(
          bytesOf(bytes)
            .subarray(-2)
            .equals(Buffer.from([0xff, 0xd9])),
          name,
        );
      }
      const { result } = await sent('oneByteShort');
      assert.equal(result.totalFaces, 1, result.message);
    });

    test('an orientation behind the pixels of a large WebP is applied', async () => {
      assert.ok(files.laidLargeWebp.length > 2_000_000);
      const { report, message, bytes } = await prepared('laidLargeWebp');
      assert.equal(report?.isTurned, true, message);
      assert.deepEqual(await corners(bytesOf(bytes)), ['red', 'green', 'blue', 'white']);
    });

    test(`${MUTATIONS} mutated files neither crash, hang nor leak`, { timeout: 300_000 }, async (t) => {
      const { codes, memory, ms } = await run('mutated', MUTATIONS);
      assert.equal(
        Object.values(codes).reduce((sum, count) => sum + count),
        MUTATIONS,
      );
      const known = ['success', 'invalid_file_type', 'file_too_large'];
      assert.deepEqual(
        Object.keys(codes).filter((code) => !known.includes(code)),
        [],
        JSON.stringify(codes),
      );
      assert.equal(memory.at(-1), memory[0], `the core's memory grows: ${memory}`);
      t.diagnostic(
        `${engine}: ${JSON.stringify(codes)} in ${Math.round(ms)} ms; core memory ${memory.at(-1)} bytes`,
      );
      assert.equal((await prepared('large')).status, true, 'the next photo is prepared');
    });

    test('without prepare, a photo goes out as it is or not at all', async () => {
      const off = { prepare: false };
      for (const [name, code] of [
        ['large', 'file_too_large'],
        ['gif', 'invalid_file_type'],
      ]) {
        const { result, uploads } = await sent(name, off);
        assert.deepEqual([result.code, uploads.length], [code, 0], result.message);
      }
      const { result, uploads } = await sent('turnedFace', off);
      assert.equal(result.totalFaces, 1, result.message);
      const upload = bytesOf(uploads[0]);
      assert.equal(await exifr.orientation(upload), 6, 'it still lies on its side, and says so');
      assert.equal(await exifr.gps(upload).catch(() => undefined), undefined);
      assert.deepEqual(await pixels(upload), await pixels(files.turnedFace));
    });

    test('a picture is judged on the device, without consent, token or request', async () => {
      const { verdicts, requests } = await run('judged');
      const faults = ({ isUnderexposed, isOverexposed, isBlurred }) => [
        isUnderexposed,
        isOverexposed,
        isBlurred,
      ];
      for (const [name, code, expected] of [
        ['plain', 'success', [false, false, false]],
        ['large', 'success', [false, false, false]],
        ['blurred', 'bad_image_quality', [false, false, true]],
        ['dark', 'bad_image_quality', [true, false, true]],
        ['bright', 'bad_image_quality', [false, true, true]],
      ]) {
        const verdict = verdicts[name];
        assert.equal(verdict.code, code, `${name}: ${JSON.stringify(verdict)}`);
        assert.equal(verdict.status, code === 'success');
        assert.deepEqual(faults(verdict), expected, name);
        assert.equal(verdict.bytes, files[name].length);
        for (const value of Object.values(verdict.metrics)) assert.ok(value >= 0 && value <= 1);
      }
      assert.deepEqual([verdicts.large.width, verdicts.large.height], [LARGE.height, LARGE.width]);
      assert.equal(requests, 0);
    });

    test('precheck refuses a hopeless photo without a request, and no other', async () => {
      for (const [name, code, requests] of [
        ['plain', 'success', 1],
        ['dark', 'bad_image_quality', 0],
        ['bright', 'bad_image_quality', 0],
        ['blurred', 'bad_image_quality', 0],
      ]) {
        const { result, uploads } = await sent(name, { precheck: true });
        assert.deepEqual([result.code, uploads.length], [code, requests], `${name}: ${result.message}`);
      }
      const quality = await run('precheckedQuality');
      assert.deepEqual([quality.code, quality.totalFaces], ['bad_image_quality', 0]);
      assert.deepEqual(quality.detailedFaces, []);
    });

    test('a call that is over ends the work on its photo', async () => {
      const { code, next } = await run('cutShort');
      assert.equal(code, 'timeout');
      assert.equal(next.status, true, next.message);
    });
  });
}

async function makeFiles() {
  const face = () => crop(3, [384, 164, 600, 600]);
  const place = {
    IFD0: { Artist: 'SECRET', Make: 'SECRET' },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '52/1 31/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '13/1 24/1 0/1',
    },
  };
  const onItsSide = (image) => image.withExif(place).withMetadata({ orientation: 6 });
  const withPlace = (image) => image.keepIccProfile().withIccProfile('p3').withExif(place);
  files.plain = await face().jpeg().toBuffer();
  // Within the default limits.
  files.png = await face().resize(400).png().toBuffer();
  files.webp = await face().webp().toBuffer();
  files.enlarged = await face().resize(2400).jpeg().toBuffer();
  files.withPlace = await withPlace(face()).jpeg().toBuffer();
  files.pngWithPlace = await withPlace(face().resize(400)).png().toBuffer();
  files.webpWithPlace = await withPlace(face()).webp().toBuffer();
  files.gif = await face().gif().toBuffer();
  files.bmp = bmp(await face().resize(300).removeAlpha().raw().toBuffer(), 300);
  files.avif = await face().resize(200).avif({ effort: 0 }).toBuffer();
  files.heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), heicMeta()]);
  files.blurred = await face().blur(8).jpeg().toBuffer();
  files.dark = await face().linear(0.1).blur(3).jpeg().toBuffer();
  files.bright = await face().linear(0.2, 200).blur(3).jpeg().toBuffer();

  const upright = await (await quarters(240, 160)).png().toBuffer();
  const laid = async (orientation, size) => {
    const image = sharp(upright).resize(size, null, { kernel: 'nearest' });
    return LAID[orientation](sharp(await image.png().toBuffer())).withMetadata({ orientation });
  };
  for (let number = 1; number <= 8; number++) {
    files[`laid${number}`] = await (await laid(number, 240)).jpeg().toBuffer();
  }
  files.laidPng = await (await laid(6, 240)).png().toBuffer();
  files.laidWebp = await (await laid(6, 240)).webp({ quality: 95 }).toBuffer();
  const large6 = sharp(await (await laid(6, 2400)).png().toBuffer()).withMetadata({ orientation: 6 });
  files.laidLargeWebp = paddedWebp(await large6.webp({ lossless: true }).toBuffer(), 2_500_000);
  // Too large to be read as a whole.
  files.laidLarge = Buffer.concat([await (await laid(6, 2400)).jpeg().toBuffer(), Buffer.alloc(2_500_000)]);
  // Its pixels begin behind much that belongs to programs, as a portrait's depth does.
  const exifEnd = 4 + files.laidLarge.readUInt16BE(4);
  const program = Buffer.alloc(65_537);
  program.set([0xff, 0xea, 0xff, 0xff]);
  files.laidFarBack = Buffer.concat([
    files.laidLarge.subarray(0, exifEnd),
    ...Array.from({ length: 12 }, () => program),
    files.laidLarge.subarray(exifEnd),
  ]);
  files.turnedFace = await onItsSide(LAID[6](face())).jpeg().toBuffer();

  const large = picture(await largePhoto(), LARGE);
  files.large = await onItsSide(large.clone()).jpeg({ quality: 90 }).toBuffer();
  files.largeCut = files.large.subarray(0, files.large.length / 2);
  files.huge = await large.clone().png({ compressionLevel: 1 }).toBuffer();
  files.oneByteShort = files.plain.subarray(0, -1);
  files.cut = files.plain.subarray(0, files.plain.length / 2);
  files.cutInHeader = files.plain.subarray(0, 100);
  files.bombPng = bombPng(100_000);

  await mkdir(FOLDER, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(FOLDER, name), bytes);
}

/** A Windows bitmap of a square of RGB pixels. */
function bmp(rgb, side) {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(54 + rgb.length, 2);
  head.writeUInt32LE(54, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(side, 18);
  head.writeInt32LE(-side, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(24, 28);
  for (let at = 0; at < rgb.length; at += 3) [rgb[at], rgb[at + 2]] = [rgb[at + 2], rgb[at]];
  return Buffer.concat([head, rgb]);
}

/** The `meta` box of an HEIC file that says its size, and nothing to show. */
function heicMeta() {
  const box = (type, ...parts) => {
    const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
    const head = Buffer.alloc(8);
    head.writeUInt32BE(8 + content.length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, content]);
  };
  const ispe = box('ispe', [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0]);
  const ipma = box('ipma', [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0x81]);
  return box('meta', [0, 0, 0, 0], box('pitm', [0, 0, 0, 0, 0, 1]), box('iprp', box('ipco', ispe), ipma));
}

/** All that an independent reader finds beside the picture and its colours. */
const metadata = (file) =>
  exifr
    .parse(file, {
      tiff: true,
      exif: true,
      gps: true,
      xmp: true,
      iptc: true,
      icc: false,
      jfif: false,
      ihdr: false,
    })
    .catch(() => undefined);

const bytesOf = (base64) => Buffer.from(base64, 'base64');
const pixels = (file) => sharp(file).raw().toBuffer();

/** Inserts a chunk of no meaning before the EXIF chunk of a WebP, which sharp puts at the end. */
function paddedWebp(file, bytes) {
  const at = file.lastIndexOf('EXIF');
  const chunk = Buffer.alloc(8 + bytes);
  chunk.write('JUNK');
  chunk.writeUInt32LE(bytes, 4);
  const padded = Buffer.concat([file.subarray(0, at), chunk, file.subarray(at)]);
  padded.writeUInt32LE(padded.length - 8, 4);
  return padded;
}

/** The colours of the four corners, in a word each. */
async function corners(file) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  return [
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ].map(([x, y]) => {
    const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
    const [r, g, b] = data.subarray(at, at + 3).map((value) => value > 127);
    return { 100: 'red', '010': 'green', '001': 'blue', 111: 'white' }[[r, g, b].map(Number).join('')];
  });
}

/** Header of a PNG that claims to be of that size. */
const bombPng = (side) => {
  const ihdr = Buffer.alloc(17);
  ihdr.write('IHDR');
  ihdr.writeUInt32BE(side, 4);
  ihdr.writeUInt32BE(side, 8);
  ihdr.set([8, 2, 0, 0, 0], 12);
  // The size is checked before the checksum.
  const sum = Buffer.alloc(4);
  const idat = deflateSync(Buffer.alloc(1000));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\x0d', 'latin1'),
    ...[ihdr, sum, Buffer.from([0, 0, 3, 0xe8]), Buffer.from('IDAT'), idat],
  ]);
};
