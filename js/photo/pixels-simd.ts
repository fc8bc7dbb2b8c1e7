/** The pixel module for browsers with vector instructions: Chrome 91, Firefox 89, Safari 16.4 and later. */
export { default } from 'inline:pixels-simd.wasm.gz';
