/** The pixel module for browsers without vector instructions. */
export { default } from 'inline:pixels.wasm.gz';
