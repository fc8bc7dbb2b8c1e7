/** Reads a body up to a limit. */

import { readerOf } from '../own.js';

/** First size of the buffer, in bytes; it doubles. */
const FIRST_BYTES = 16_384;

/** Returns all bytes of a stream, or `undefined` as soon as there are more than `maxBytes`. */
export async function readBody(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let buffer = new Uint8Array(Math.min(FIRST_BYTES, maxBytes));
  let length = 0;
  const reader = readerOf(stream);
  for (;;) {
    const value = reader && (await reader.read()).value;
    if (value === undefined) return buffer.subarray(0, length);
    const end = length + value.byteLength;
    if (end > maxBytes) {
      // Not cancelled: in Node.js that would end the connection before the response.
      reader!.releaseLock();
      return undefined;
    }
    if (end > buffer.length) {
      // One buffer, because a body of one-byte chunks would cost a hundred times its length as a list.
      const larger = new Uint8Array(Math.min(maxBytes, Math.max(end, 2 * buffer.length)));
      larger.set(buffer.subarray(0, length));
      buffer = larger;
    }
    buffer.set(value, length);
    length = end;
  }
}
