import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import Koa from 'koa';
import { z } from 'zod';
import { healthRoutes } from '../../src/http/health-routes.js';
import type { RequestRecord } from '../../src/http/request-record.js';
import { watchReadiness, type ReadinessDeps } from '../../src/process/readiness.js';
import { openRepositories } from '../../src/repositories/repositories.js';
import { startApp, type TestApp } from '../support/start-app.js';
import {
  askByGet,
  FORM,
  grantedBy,
  parseAnswer,
  repository,
  send,
  SERVICE,
  tokenAnswer,
  type Answer,
} from '../support/token-client.js';
import { newProjectAndToken } from './app-data.js';

const AFTER_EVERY_CERTIFICATE = new Date('2200-01-01T00:00:00Z');

const KeySet = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      alg: z.literal('ES256'),
      use: z.literal('sig'),
      x5c: z.tuple([z.string()]),
    }),
  ),
});

describe('health, keys and unknown addresses', () => {
  let app: TestApp;
  let now: Date;

  before(async () => {
    now = new Date('2031-05-01T12:00:00Z');
    app = await startApp({ now: () => now });
  });

  after(async () => {
    await app.stop();
  });

  for (const target of ['/-/health', '/-/liveness']) {
    it(`GET ${target} tells that the process answers`, async () => {
      const answer = await send(app.origin, { method: 'GET', target });

      expect(answer.status).to.equal(200);
      expect(answer.body).to.deep.equal({ status: 'ok' });
    });
  }

  it('GET /-/readiness tells that the database, the keys and git are there', async () => {
    const answer = await send(app.origin, { method: 'GET', target: '/-/readiness' });

    expect(answer.status).to.equal(200);
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(answer.body).to.deep.equal({
      status: 'ok',
      database: 'ok',
      keys: 'ok',
      git: 'ok',
      writes: 'ok',
    });
  });

  it('GET /-/readiness says so when the keys have expired', async () => {
    const noon = now;
    now = AFTER_EVERY_CERTIFICATE;

    const answer = await send(app.origin, { method: 'GET', target: '/-/readiness' });

    now = noon;
    expect(answer.status).to.equal(503);
    expect(answer.body).to.include({ status: 'unavailable', database: 'ok' });
    expect(answer.text).to.match(/the CA expired on 20\d\d-/);
  });

  it('GET /-/readiness says so when the database fails', async () => {
    const answer = await askReadiness({
      pingDatabase: async () => await Promise.reject(new Error('a secret of the driver')),
      caProblem: noProblem,
      gitProblem: async () => await Promise.resolve(null),
      writeProblem: () => null,
    });

    expect(answer.status).to.equal(503);
    expect(answer.body).to.deep.equal({
      status: 'unavailable',
      database: 'does not answer',
      keys: 'ok, but for 1 damaged: see the log',
      git: 'ok',
      writes: 'ok',
    });
  });

  it('GET /-/readiness names a missing git, and stays green for the sake of the pulls', async () => {
    const answer = await askReadiness({
      pingDatabase: async () => await Promise.resolve(),
      caProblem: noProblem,
      gitProblem: openRepositories('/nonexistent', '/nonexistent').gitProblem,
      writeProblem: () => null,
    });

    expect(answer.status).to.equal(200);
    expect(answer.body).to.include({ status: 'ok' });
    expect(answer.text).to.contain('git is not on the PATH');
  });

  it('GET /-/readiness says so when another replica was given another CA', async () => {
    const answer = await askReadiness({
      pingDatabase: async () => await Promise.resolve(),
      caProblem: async () => await Promise.resolve('the CA is another one'),
      gitProblem: noProblem,
      writeProblem: () => null,
    });

    expect(answer.status).to.equal(503);
    expect(answer.body).to.include({ database: 'ok', keys: 'the CA is another one' });
  });

  it('GET /-/readiness says why nothing can be written, and stays green for the sake of the pulls', async () => {
    const answer = await askReadiness({
      pingDatabase: async () => await Promise.resolve(),
      caProblem: noProblem,
      gitProblem: async () => await Promise.resolve(null),
      writeProblem: () => 'the disk of the database is full',
    });

    expect(answer.status).to.equal(200);
    expect(answer.body).to.include({ database: 'ok', writes: 'the disk of the database is full' });
  });

  it('GET /-/readiness waits for no check that hangs', async () => {
    let hangs = false;
    const deps = {
      pingDatabase: async () =>
        await (hangs ? new Promise<void>(() => undefined) : Promise.resolve()),
      caProblem: noProblem,
      gitProblem: async () =>
        await (hangs ? new Promise<null>(() => undefined) : Promise.resolve(null)),
      writeProblem: () => null,
    };
    const watch = watchReadiness(deps);
    await watch.check();
    hangs = true;
    const checking = watch.check();

    const meanwhile = watch.current();
    await checking;

    expect(meanwhile).to.deep.equal({ database: null, keys: null, git: null, writes: null });
    expect(watch.current()).to.deep.equal({
      database: 'does not answer',
      keys: null,
      git: null,
      writes: null,
    });
  });

  it('GET /-/readiness says so when the database takes a question and never answers', async () => {
    const answer = await askReadiness({
      pingDatabase: async () => await new Promise<void>(() => undefined),
      caProblem: noProblem,
      gitProblem: async () => await Promise.resolve(null),
      writeProblem: () => null,
    });

    expect(answer.status).to.equal(503);
    expect(answer.body).to.include({ database: 'does not answer' });
  });

  it('GET /.well-known/jwks.json shows public keys by their thumbprints, nothing private', async () => {
    const answer = await send(app.origin, { method: 'GET', target: '/.well-known/jwks.json' });

    const { keys } = KeySet.parse(answer.body);
    expect(answer.headers['cache-control']).to.equal('public, max-age=60');
    expect(keys).to.have.lengthOf(1);
    for (const { kid, ...jwk } of keys) {
      expect(kid).to.equal(await calculateJwkThumbprint(jwk));
    }
  });

  it('signs tokens with the key that jwks.json and the certificate in them both hold', async () => {
    const jwks = await send(app.origin, { method: 'GET', target: '/.well-known/jwks.json' });
    const [jwk] = KeySet.parse(jwks.body).keys;
    const { project, login } = await newProjectAndToken(app);
    const { token } = tokenAnswer(
      'GET',
      await askByGet(app.origin, { login, scopes: [`repository:${project.path}:pull`] }),
    );

    const verified = await jwtVerify(token, await importJWK(jwk ?? { kty: 'none' }), {
      issuer: 'pullgate',
      audience: SERVICE,
      currentDate: now,
    });

    const [leaf] = z.tuple([z.string()]).parse(decodeProtectedHeader(token).x5c);
    const { x, y } = new X509Certificate(Buffer.from(leaf, 'base64')).publicKey.export({
      format: 'jwk',
    });
    expect(verified.payload['access']).to.deep.equal([repository(project.path, 'pull')]);
    expect(verified.protectedHeader.alg).to.equal('ES256');
    expect({ x, y }).to.deep.equal({ x: jwk?.x, y: jwk?.y });
  });

  for (const target of [
    '/tokens',
    '/token/x',
    '/jwt',
    '/-/',
    '/-/metrics',
    '/%zz',
    '/..%2ftoken',
  ]) {
    it(`answers JSON for ${target}, where nothing is`, async () => {
      const answer = await send(app.origin, { method: 'GET', target });

      expect(answer.status).to.equal(404);
      expect(answer.headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(answer.body).to.deep.equal({ message: '404 Not Found' });
    });
  }
});

describe('stopping', () => {
  let held: Socket[];

  beforeEach(() => {
    held = [];
  });

  afterEach(() => {
    for (const socket of held) {
      socket.destroy();
    }
  });

  /** A connection that this side never closes by itself. */
  async function holdConnection({ service }: TestApp): Promise<Socket> {
    const socket = connect({ port: service.port, host: '127.0.0.1', allowHalfOpen: true });
    held.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** A POST whose body is still to come: the server has said that it wants it, so it has the request. */
  async function beginPost(app: TestApp, length: number): Promise<Socket> {
    const socket = await holdConnection(app);
    socket.write(
      `POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: ${FORM}\r\nContent-Length: ${length}\r\n` +
        'Expect: 100-continue\r\n\r\n',
    );
    await once(socket, 'data');
    return socket;
  }

  it('answers the request that is running, takes no new one and then is over', async () => {
    const app = await startApp();
    const { project, login } = await newProjectAndToken(app);
    const scope = `repository:${project.path}:pull`;
    const form = new URLSearchParams({
      grant_type: 'password',
      service: SERVICE,
      scope,
      username: login.username,
      password: login.secret,
    }).toString();
    const slow = await beginPost(app, form.length);
    slow.write(form.slice(0, 20));

    let isOver = false;
    async function stop(): Promise<void> {
      await app.stop();
      isOver = true;
    }
    const stopped = stop();
    const refusal = await refusalOf(app.service.port);
    const wasOverTooEarly = isOver;
    const answered = readToEnd(slow);
    slow.write(form.slice(20));
    const answer = parseAnswer(await answered);
    await stopped;

    expect(refusal).to.equal('ECONNREFUSED');
    expect(wasOverTooEarly).to.equal(false);
    expect(answer.status).to.equal(200);
    expect(grantedBy(answer)).to.deep.equal([repository(project.path, 'pull')]);
    expect(app.log()).to.contain('"msg":"stopped"');
  });

  it('closes a connection that a client keeps for its next request', async () => {
    const app = await startApp();
    const agent = new Agent({ keepAlive: true });
    const request = httpRequest(`${app.origin}/-/health`, { agent });
    request.end();
    await once(request, 'close');

    await app.stop();

    expect(await refusalOf(app.service.port)).to.equal('ECONNREFUSED');
    agent.destroy();
  });

  it('waits for nobody who connected and never asked', async () => {
    const app = await startApp();
    await holdConnection(app);

    await app.stop();

    expect(await refusalOf(app.service.port)).to.equal('ECONNREFUSED');
  });

  it('waits for nobody who was refused as malformed and holds on', async () => {
    const app = await startApp();
    const holding = await holdConnection(app);
    holding.write('EHLO pullgate\r\n\r\n');
    await once(holding, 'data');

    await app.stop();

    expect(await refusalOf(app.service.port)).to.equal('ECONNREFUSED');
  });
});

async function noProblem(): Promise<null> {
  return await Promise.resolve(null);
}

/** Asks for readiness once these functions were asked. */
async function askReadiness(deps: ReadinessDeps): Promise<Answer> {
  const { current, check } = watchReadiness(deps);
  await check();
  const koa = new Koa<RequestRecord>();
  koa.use(
    healthRoutes({ readiness: current, keysProblem: () => null, damagedKeys: () => 1 }).routes(),
  );
  const server = koa.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await send(`http://127.0.0.1:${port}`, { method: 'GET', target: '/-/readiness' });
  } finally {
    server.close();
  }
}

async function readToEnd(socket: Socket): Promise<string> {
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (text) => {
    received += String(text);
  });
  await once(socket, 'end');
  socket.end();
  return received;
}

/** Why nobody can connect to the port; null when somebody can. */
async function refusalOf(port: number): Promise<unknown> {
  const socket = connect(port, '127.0.0.1');
  const outcome = await new Promise<unknown>((resolve) => {
    socket.once('connect', () => {
      resolve(null);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code);
    });
  });
  socket.destroy();
  return outcome;
}
