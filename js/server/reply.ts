/** Responses to the page, in the form of the API. */
import type { ErrorCode } from '../types.js';
import { bare } from './options.js';

/** Ends a request with a failure for the page. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export function reply(status: number, text: string, requestId: string, headers?: Record<string, string>) {
  const all = {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...headers,
  };
  return new Response(text, bare({ status, headers: all }));
}

export function replyRefusal({ status, code, message }: Refusal, requestId: string): Response {
  return reply(status, JSON.stringify({ message, code, status: false }), requestId, {
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(status === 503 && { 'retry-after': '2' }),
  });
}
