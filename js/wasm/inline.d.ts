// Texts that the build puts here: WebAssembly modules, gzipped in base64, and a script.
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
