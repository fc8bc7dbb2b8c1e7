/** Returns the bytes of a text that the build put into a chunk: gzip in base64. */
export function inflate(gzipped: string): Promise<ArrayBuffer> {
  return gunzip(Uint8Array.from(atob(gzipped), (char) => char.charCodeAt(0)));
}

/** Inflates gzip. Rejects when the bytes are damaged. */
export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  if (typeof DecompressionStream === 'undefined') {
    // Safari before 16.4 and Firefox before 113; everyone else never loads this.
    const { gunzipSync } = await import('./gunzip.js');
    return gunzipSync(bytes).slice().buffer;
  }
  // WebKit would also read inherited options.
  const stream = new Response(bytes).body!.pipeThrough(new DecompressionStream('gzip'), Object.create(null));
  return new Response(stream).arrayBuffer();
}
