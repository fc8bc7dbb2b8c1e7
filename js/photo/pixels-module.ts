/** Loads the pixel module, for the first photo to encode. */
import { lazyModule } from '../wasm/lazy-module.js';

export const loadModule = lazyModule(
  () => import('./pixels-simd.js'),
  () => import('./pixels-plain.js'),
);
