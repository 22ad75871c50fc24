/**
 * The yardsticks: servers that answer a few bytes of JSON and do nothing else.
 *
 *   node hello-server.mjs node|koa|busy PORT PROCESSES
 *
 * `busy` signs twice before it answers: as much work as the token door has, and nothing to wait for.
 */

import cluster from 'node:cluster';
import { generateKeyPairSync, sign } from 'node:crypto';
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
  const answer = { node: sayHello, koa: koaApp().callback(), busy: busyHello() }[kind];
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

function busyHello() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const claims = Buffer.alloc(2000);
  return (request, response) => {
    sign('sha256', claims, privateKey);
    sign('sha256', claims, privateKey);
    sayHello(request, response);
  };
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
