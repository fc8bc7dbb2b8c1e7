// Texts that the build puts here: WebAssembly modules and weights, gzipped in base64, and scripts.
declare module 'inline:perse.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:pixels.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:pixels-simd.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:image-worker.js' {
  const script: string;
  export default script;
}
declare module 'inline:device.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:device-simd.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:capture.bin.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:engine-worker.js' {
  const script: string;
  export default script;
}
