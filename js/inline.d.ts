declare module 'inline:perse.wasm.gz' {
  /** The gzipped WebAssembly module in base64; the build puts it here. */
  const gzipped: string;
  export default gzipped;
}
