/** The engine that guides, for browsers without vector instructions. */
export { default } from 'inline:camera-engine.wasm.gz';
