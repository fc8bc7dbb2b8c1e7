/** The face engine for browsers without vector instructions. */
export { default } from 'inline:device.wasm.gz';
