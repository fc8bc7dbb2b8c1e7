/** The engine of photos, for browsers with vector instructions. */
export { default } from 'inline:photo-engine-simd.wasm.gz';
