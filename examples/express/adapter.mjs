// Lets perse-wasm/server, which speaks the web's Request and Response, handle a request of Node.js' own server,
// and of frameworks that build on it, such as Express.
import { Readable } from 'node:stream';

export const toNode = (handle) => async (req, res) => {
  const body = ['GET', 'HEAD'].includes(req.method) ? undefined : Readable.toWeb(req);
  const { method, headers, originalUrl = req.url } = req;
  try {
    const url = new URL(originalUrl, 'http://localhost');
    const response = await handle(new Request(url, { method, headers, body, duplex: 'half' }));
    res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  } catch {
    res.writeHead(400).end(); // a head that no Request can have
  }
  // The rest of the request is read, or the page would not see the response.
  if (body && !body.locked) await body.pipeTo(new WritableStream()).catch(() => {});
};
