// The handler under one framework of Node.js: node server.mjs express4
import { createServer } from 'node:http';
import { createVerifications } from 'perse-wasm/server';
import { toNode } from './adapter.mjs';

const { PERSE_PRIVATE_KEY: privateKey, PERSE_BASE_URL: baseUrl } = process.env;
const verifications = createVerifications({ privateKey, baseUrl });
const handle = toNode(verifications.handle);
const detect = await verifications.start({ purpose: 'detect' });
const tickets = () => ({ tickets: { detect: detect.token } });
const results = async () => ({ results: { detect: await verifications.result(detect.id) } });

async function express(name) {
  const { default: express } = await import(name);
  const app = express();
  app.use('/perse/v0', handle);
  app.get('/tickets', (request, response) => response.json(tickets()));
  app.get('/results', async (request, response) => response.json(await results()));
  return createServer(app);
}

const frameworks = {
  express4: () => express('express4'),
  express5: () => express('express5'),
  async fastify() {
    const { fastify } = await import('fastify');
    const app = fastify();
    app.register(async (perse) => {
      // The handler reads the body itself.
      perse.removeAllContentTypeParsers();
      perse.addContentTypeParser('*', (request, payload, done) => done(null));
      perse.all('/perse/v0/*', ({ raw }, reply) => {
        reply.hijack();
        return handle(raw, reply.raw);
      });
    });
    app.get('/tickets', tickets);
    app.get('/results', results);
    await app.ready();
    return app.server;
  },
  async node() {
    return createServer(async (request, response) => {
      if (request.url.startsWith('/perse/v0/')) return handle(request, response);
      response.end(JSON.stringify(request.url === '/tickets' ? tickets() : await results()));
    });
  },
};

const server = await frameworks[process.argv[2]]();
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
