// A server that answers a login as no good API does; which way, the path says.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const token = (payload) => `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;
const json = (status, body) => ({ status, body: JSON.stringify(body) });

/** Each takes the request's own body. */
const ANSWERS = {
  redirect: () => ({ status: 307, headers: { location: '/stolen/login' }, body: '' }),
  page: () => ({ status: 200, body: '<!doctype html><p>Hello' }),
  'page-404': () => ({ status: 404, body: '<!doctype html><p>Nothing here' }),
  'no-token': () => json(200, { status: true }),
  'bad-token': () => json(200, { token: 'two words\r\n' }),
  'refusal-200': () => json(200, { status: false, code: 'later', message: 'Not today' }),
  echo: (body) => json(400, { status: false, code: 'invalid_request', message: `What is ${body}?` }),
  'echo-unknown': (body) =>
    json(400, { status: false, code: 'odd', message: `What is ${body.toUpperCase()}?` }),
  known: () => json(418, { status: false, code: 'server_busy', message: 'Back at noon.' }),
  401: () => ({ status: 401, body: 'Who are you?' }),
  429: () => json(429, { status: false, code: 'slow_down', message: '' }),
  502: () => ({ status: 502, body: 'Bad gateway' }),
  503: () => ({ status: 503, body: '' }),
  'opaque-token': () => json(200, { token: 'b4a7' }),
  'no-exp': () => json(200, { token: token({ exp: 'soon' }) }),
  // Its base64url has characters that base64 doesn't.
  exp: () => json(200, { token: token({ name: 'José ÿ?>~ÿÿ', exp: 4_000_000_000 }) }),
};

function writeForEver(response) {
  const chunk = Buffer.alloc(65_536, 32);
  const write = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', write);
  write();
}

/** Starts it on a free port; `stolen` are the bodies that followed the redirect, `photo` is at `/photo`. */
export async function startHostile(photo) {
  const stolen = [];
  const bomb = gzipSync(Buffer.alloc(50_000_000, 32));
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const path = request.url.split('/')[1];
    if (path === 'stolen') stolen.push(body);
    if (path === 'silent') return;
    if (path === 'photo') return void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(photo);
    if (path === 'bomb') return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    if (path === 'endless') return void writeForEver(response);
    if (path === 'half') return void response.writeHead(200).write('{"token":');
    if (path === 'cut' || !ANSWERS[path]) return void request.socket.destroy();
    const answer = ANSWERS[path](body);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stolen,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
