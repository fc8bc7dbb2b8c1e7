// For runtimes that answer requests: the settings are in the address.
import { check } from './checks.mjs';

const answer = async (request) =>
  new Response(JSON.stringify(await check(Object.fromEntries(new URL(request.url).searchParams))));

export default { fetch: answer };
