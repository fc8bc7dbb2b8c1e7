/** Fetches a file of weights. */
import { CameraError } from '../camera/errors.js';
import { gunzip } from '../wasm/inflate.js';

/** Loads a file of weights, gzipped or not. Rejects with a `CameraError` of the code `models_unavailable`. */
export async function fetchWeights(url: string | URL): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    // A server that knows the file for gzip lets the browser inflate it.
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? await gunzip(bytes) : bytes.buffer;
  } catch (cause) {
    throw new CameraError('models_unavailable', `The weights did not load from ${url}: ${describe(cause)}`);
  }
}

const describe = (cause: unknown): unknown => (cause instanceof Error ? cause.message : cause);
