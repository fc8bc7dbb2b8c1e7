/** Fetches weights where nothing imports modules. */
import { CameraError } from '../camera/errors.js';
import { inflate } from '../wasm/inflate.js';

/**
 * Loads the weights of one of the package's modules, whose one string they are. Rejects with a `CameraError` of the
 * code `models_unavailable`.
 */
export async function fetchWeights(url: string | URL): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${response.status}`);
    const [, gzipped, end] = (await response.text()).split('"');
    if (end === undefined) throw new Error('it is no file of weights, or not all of one.');
    return await inflate(gzipped!);
  } catch (cause) {
    throw new CameraError('models_unavailable', `The weights did not load from ${url}: ${describe(cause)}`);
  }
}

const describe = (cause: unknown): unknown => (cause instanceof Error ? cause.message : cause);
