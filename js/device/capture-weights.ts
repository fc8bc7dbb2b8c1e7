/** The weights that guide, for modules. */
import { inflate } from '../wasm/inflate.js';

/** Loads the weights of the networks that guide, which are a module of the package. */
export async function captureWeights(): Promise<ArrayBuffer> {
  const { default: gzipped } = await import('./weights-chunk.js');
  return inflate(gzipped);
}
