/** The weights of the networks that guide, for modules. */
import { inflate } from '../wasm/inflate.js';

/**
 * Loads the weights of the networks that guide. They are a module of the package, because every bundler finds
 * modules: a file beside them would have to be copied, named and allowed by hand in some.
 */
export async function captureWeights(): Promise<ArrayBuffer> {
  const { default: gzipped } = await import('./models/capture.weights.js');
  return inflate(gzipped);
}
