/** The weights that guide, for scripts, which would carry them in themselves: a file beside the script. */
import { fetchWeights } from './fetch-weights.js';

// Known only while the script runs for the first time. A server may load the file, too.
const script =
  typeof document === 'undefined'
    ? undefined
    : (document.currentScript as HTMLScriptElement | null)?.src || document.baseURI;

/** Loads the weights of the networks that guide from the folder `models` beside the script. */
export function captureWeights(): Promise<ArrayBuffer> {
  return fetchWeights(new URL('models/capture.weights.js', script));
}
