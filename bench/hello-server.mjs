/**
 * The yardsticks: servers that answer a few bytes of JSON and do nothing else.
 *
 *   node hello-server.mjs node|koa PORT PROCESSES
 */

import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { Router } from '@koa/router';
import Koa from 'koa';

const HELLO = { hello: 'world' };
const [kind, port, processes] = process.argv.slice(2);

if (cluster.isPrimary && Number(processes) > 1) {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  for (let number = 0; number < Number(processes); number += 1) {
    cluster.fork();
  }
  process.on('SIGTERM', () => process.exit());
} else {
  const answer = kind === 'koa' ? koaApp().callback() : sayHello;
  const server = createServer((request, response) => void answer(request, response));
  server.listen(Number(port), '127.0.0.1');
}

function sayHello(_request, response) {
  const body = JSON.stringify(HELLO);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

function koaApp() {
  const app = new Koa();
  const router = new Router();
  router.get('/token', (ctx) => {
    ctx.body = HELLO;
  });
  app.use(router.routes());
  return app;
}
