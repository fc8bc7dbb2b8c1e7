// The peer behind a minimal HTTP server, for `npm run bench:service`: `serve.mjs ssd|tiny`. Prints its address.
// POST /v0/face/detect responds with the faces of `image_file`, POST /v0/face/compare with the distance of the largest
// faces of `image_file1` and `image_file2`.
import { createServer } from 'node:http';
import { installPeer, loadPeer } from './load.mjs';

const { faceapi, options, pixels, tf } = await loadPeer(installPeer(), process.argv[2]);

let last = Promise.resolve();
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { 'content-type': request.headers['content-type'] };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData();
  // One after another: its WebAssembly backend fails where two calls alternate.
  last = last.then(() => (request.url.endsWith('/detect') ? detect(form) : compare(form)));
  const result = await last;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(result));
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

async function detect(form) {
  return { faces: await withPixels(form.get('image_file'), (input) => found(input)) };
}

async function compare(form) {
  const describe = (name) =>
    withPixels(form.get(name), async (input) => {
      const [face] = await found(input).withFaceDescriptors();
      return face?.descriptor;
    });
  const [one, other] = [await describe('image_file1'), await describe('image_file2')];
  return { distance: one && other ? faceapi.euclideanDistance(one, other) : null };
}

const found = (input) => faceapi.detectAllFaces(input, options).withFaceLandmarks();

async function withPixels(file, use) {
  const { input } = await pixels(Buffer.from(await file.arrayBuffer()));
  try {
    return await use(input);
  } finally {
    tf.dispose(input);
  }
}
