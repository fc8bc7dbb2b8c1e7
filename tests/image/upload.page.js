// The page of upload.test.mjs: what its tests do there, as `page`. It keeps the tests' files as `kept`, what is
// uploaded as `uploads`, and the memories of all WebAssembly instances.
const kept = {};
const uploads = [];
const memories = [];
let requests = 0;
let Perse;

/** The package shortens the names of exports. */
const memoryOf = ({ exports }) => Object.values(exports).find((value) => value instanceof WebAssembly.Memory);
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...values) => {
  const result = await instantiate.apply(WebAssembly, values);
  memories.push(memoryOf(result.instance ?? result));
  return result;
};
const send = globalThis.fetch;
globalThis.fetch = (url, init) => {
  requests += 1;
  if (init?.body instanceof FormData) {
    for (const value of init.body.values()) if (value instanceof Blob) uploads.push(value);
  }
  return send(url, init);
};

/** Loads the package and the tests' files. */
async function prepare(baseUrl, token, names) {
  Perse = await import('/pkg/index.js');
  Perse.configure({ baseUrl, warn: false, timeout: 60_000 });
  Perse.setToken(token);
  for (const name of names) {
    const bytes = await (await send(`/build/upload-test/${name}`)).arrayBuffer();
    kept[name] = new Blob([bytes]);
  }
}

/** A file's bytes, for the tests to look at. */
async function base64(blob) {
  let text = '';
  const bytes = new Uint8Array(await blob.arrayBuffer());
  for (let at = 0; at < bytes.length; at += 32_768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  }
  return btoa(text);
}

async function prepareFile(name, options = {}) {
  const { blob, ...result } = await Perse.image.prepare(kept[name], options);
  return { ...result, bytes: blob && (await base64(blob)), blobType: blob?.type };
}

async function detectFile(name, options = {}) {
  uploads.length = 0;
  const result = await Perse.face.detect(kept[name], true, options);
  return { result, uploads: await Promise.all(uploads.map(base64)) };
}

/** Verifies with one selfie and another photo of the same person; counts what is sent. */
async function verified(selfie, reference) {
  uploads.length = 0;
  const { similarity, threshold, code, details } = await Perse.face.verify(
    kept[selfie],
    kept[reference],
    true,
  );
  return { similarity, threshold, code, details, uploads: uploads.length };
}

/** Judges a detection at hand, and asks the service for the same verdict. */
async function judgedTwice(name) {
  const detection = await Perse.face.detect(kept[name], true);
  const before = requests;
  const atHand = await Perse.qualityOf(detection);
  return { atHand, requests: requests - before, asked: await Perse.face.quality(kept[name], true) };
}

async function everySource() {
  const file = kept.plain;
  const bytes = await file.arrayBuffer();
  const url = `data:image/jpeg;base64,${await base64(file)}`;
  const image = new Image();
  image.src = url;
  await image.decode();
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [600, 600];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const padded = new Uint8Array(bytes.byteLength + 20);
  padded.set(new Uint8Array(bytes), 10);
  const frame = document.body.appendChild(document.createElement('iframe')).contentWindow;
  const sources = {
    blob: file,
    file: new File([file], 'photo.jpg'),
    foreignBlob: new frame.Blob([bytes]),
    arrayBuffer: bytes,
    typedArray: padded.subarray(10, 10 + bytes.byteLength),
    dataView: new DataView(padded.buffer, 10, bytes.byteLength),
    foreignArray: new frame.Uint8Array(bytes),
    dataUrl: url,
    image,
    canvas,
    imageData: context.getImageData(0, 0, 600, 600),
    bitmap,
  };
  if (typeof OffscreenCanvas !== 'undefined') {
    sources.offscreen = new OffscreenCanvas(600, 600);
    sources.offscreen.getContext('2d').drawImage(image, 0, 0);
  }
  if (typeof VideoFrame !== 'undefined') sources.videoFrame = new VideoFrame(canvas, { timestamp: 0 });
  if (canvas.captureStream) {
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = canvas.captureStream(30);
    const shown = new Promise((resolve) => (video.onloadeddata = () => resolve(true)));
    video.play().catch(() => {});
    const drawing = setInterval(() => context.drawImage(image, 0, 0), 30);
    if (await Promise.race([shown, new Promise((resolve) => setTimeout(resolve, 3000, false))])) {
      sources.video = video;
    }
    clearInterval(drawing);
  }
  const results = {};
  for (const [name, source] of Object.entries(sources)) {
    const { code, message, width, height } = await Perse.image.prepare(source);
    results[name] = { code, message, width, height };
  }
  // They are the page's, and still there.
  context.drawImage(bitmap, 0, 0);
  sources.videoFrame?.close();
  return results;
}

async function noPhotos() {
  uploads.length = 0;
  const brokenImage = new Image();
  brokenImage.src = 'data:image/png;base64,AAAA';
  await brokenImage.decode().catch(() => {});
  const zeroCanvas = document.createElement('canvas');
  zeroCanvas.width = 0;
  const closedBitmap = await createImageBitmap(kept.plain);
  closedBitmap.close();
  const jpeg = new Uint8Array(await kept.plain.arrayBuffer());
  const frame = jpeg.findIndex((byte, at) => byte === 0xff && jpeg[at + 1] === 0xc0);
  const bombJpeg = jpeg.slice();
  bombJpeg.set([0xff, 0xff, 0xff, 0xff], frame + 5);
  const bombGif = new TextEncoder().encode('GIF89a\u007f\u007f\u007f\u007f\0\0\0').slice();
  const transferred = new ArrayBuffer(100);
  const transferredView = new Uint8Array(100);
  structuredClone(0, { transfer: [transferred, transferredView.buffer] });
  const values = {
    ...{ transferred, transferredView },
    ...{ empty: new Blob([]), text: new Blob(['This is not a photo.']), pdf: new Blob(['%PDF-1.7 …']) },
    ...{ brokenImage, zeroCanvas, closedBitmap, bombJpeg, bombGif, number: 42 },
    ...{ bombPng: kept.bombPng, cutInHeader: kept.cutInHeader },
    ...{ videoWithoutFrame: document.createElement('video'), brokenUrl: 'data:image/png;base64,%%%' },
  };
  const results = {};
  for (const [name, value] of Object.entries(values)) {
    const { code, message } = await Perse.face.detect(value, true);
    results[name] = { code, message };
  }
  return { ...results, uploads: uploads.length };
}

async function mutated(count) {
  let state = 1;
  const random = (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const originals = [];
  for (const name of ['laid6', 'laid1', 'laidPng', 'laidWebp', 'gif', 'heic']) {
    originals.push(new Uint8Array(await kept[name].arrayBuffer()));
  }
  const codes = {};
  const memory = [];
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    let bytes = originals[index % originals.length].slice();
    // Most of what can go wrong stands at the beginning.
    const reach = index % 2 ? bytes.length : Math.min(bytes.length, 200);
    for (let change = random(8); change >= 0; change--) bytes[random(reach)] = random(256);
    if (index % 5 === 0) bytes = bytes.slice(0, random(bytes.length) + 1);
    const { code } = await Perse.image.prepare(new Blob([bytes]));
    codes[code] = (codes[code] ?? 0) + 1;
    if (index === count / 2 || index === count - 1) memory.push(memories[0].buffer.byteLength);
  }
  return { codes, memory, ms: performance.now() - start };
}

async function judged() {
  const own = Perse.createPerse({ warn: false });
  const before = requests;
  const verdicts = {};
  for (const name of ['plain', 'large', 'blurred', 'dark', 'bright']) {
    verdicts[name] = await own.image.quality(kept[name]);
  }
  return { verdicts, requests: requests - before };
}

const tooLarge = () => Perse.image.prepare(new Blob([new Uint8Array(64_000_001)]));

const precheckedQuality = () => Perse.face.quality(kept.blurred, true, { precheck: true });

async function cutShort() {
  const { code } = await Perse.image.prepare(new Blob([kept.large]), { timeout: 30 });
  return { code, next: await Perse.image.prepare(new Blob([kept.large])) };
}

globalThis.page = {
  ...{ prepare, prepareFile, detectFile, everySource, noPhotos, mutated, judged },
  ...{ tooLarge, precheckedQuality, cutShort, verified, judgedTwice },
};
