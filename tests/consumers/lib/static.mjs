// A static file server, as plain as the ones that pages are put on.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Serves a folder on a free port. `types` changes what a file's ending stands for, `headers` go with
 * every answer, and with `fallback` that file is sent for whatever is not there, as servers of
 * single-page applications do. Files that end as `silent` says are never answered.
 */
export async function serveFolder(folder, { types = {}, headers = {}, fallback, silent } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    if (silent && path.endsWith(silent)) return;
    const wanted = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path));
    for (const file of fallback ? [wanted, join(folder, fallback)] : [wanted]) {
      const bytes = await readFile(file).catch(() => undefined);
      if (!bytes) continue;
      const type = { ...TYPES, ...types }[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, ...headers }).end(bytes);
      return;
    }
    response.writeHead(404, { 'content-type': 'text/plain', ...headers }).end('There is no such file.');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
