/** Limits the size of a response while it streams: a compressed one may be a thousand times larger than it arrives. */

import { bare, readerOf } from '../own.js';

/**
 * Returns whether a response of the page's own origin says that it is not compressed and has at most this many bytes.
 * Of another origin, the header that would say that it is compressed cannot be read.
 */
function isKnownToFit({ type, headers }: Response, maxBytes: number): boolean {
  if (type !== 'basic' || headers.has('content-encoding')) return false;
  const length = headers.get('content-length');
  return length !== null && Number(length) <= maxBytes;
}

/**
 * Returns a `fetch` whose response has at most this many bytes, decompressed; a longer one has an empty text.
 * `onResponse` receives each response as it begins to arrive.
 */
export function boundedFetch(
  own: typeof fetch | undefined,
  maxBytes: number,
  onResponse?: (response: Response) => void,
): typeof fetch {
  return async (...request) => {
    const response = await (own ? own(...request) : fetch(...request));
    onResponse?.(response);
    // Reading a stream costs more than the browser's own way.
    if (isKnownToFit(response, maxBytes)) return response;
    const reader = readerOf(response.body);
    // A page's own response may have no stream.
    if (!reader) return response;
    const text = async () => {
      // Not by a Blob: its text takes another millisecond in Chromium, between two processes.
      const decoder = new TextDecoder();
      let text = '';
      for (let bytes = 0; ;) {
        const { done, value } = await reader.read();
        if (done) return text + decoder.decode();
        bytes += value.length;
        if (bytes > maxBytes) return reader.cancel().then(() => '');
        text += decoder.decode(value, bare({ stream: true }));
      }
    };
    return { status: response.status, headers: response.headers, text } as Response;
  };
}
