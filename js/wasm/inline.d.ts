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
declare module 'inline:camera-engine.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:camera-engine-simd.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:photo-engine.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:photo-engine-simd.wasm.gz' {
  const gzipped: string;
  export default gzipped;
}
declare module 'inline:engine-worker.js' {
  const script: string;
  export default script;
}
declare module 'inline:photo-engine-worker.js' {
  const script: string;
  export default script;
}
// Weights, gzipped in base64, which stay modules of the package.
declare module '*.weights.js' {
  const gzipped: string;
  export default gzipped;
}
