/** The weights of the networks for photos. Each file is a module of the package, as that of the camera is. */
import { inflate } from '../wasm/inflate.js';

/** Loads the weights of the networks that find faces, besides those that guide. */
export async function detectionWeights(): Promise<ArrayBuffer> {
  const { default: gzipped } = await import('./models/detection.weights.js');
  return inflate(gzipped);
}

/** Loads the weights of the network that describes faces. */
export async function recognitionWeights(): Promise<ArrayBuffer> {
  const { default: gzipped } = await import('./models/recognition.weights.js');
  return inflate(gzipped);
}
