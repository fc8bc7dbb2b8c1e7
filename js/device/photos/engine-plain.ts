/** The engine of photos, for browsers without vector instructions. */
export { default } from 'inline:photo-engine.wasm.gz';
