import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '../access/errors.js';
import { faultReason, sentencesOf } from '../access/told-reason.js';
import { createAdmission } from './admission.js';
import type { Handler } from './handler.js';
import { liveObjects } from './live-objects.js';
import { answerPlainHttp } from './plain-http.js';

/** What a request still running at a stop is given; Kubernetes kills after 30 seconds. */
const DRAIN_MS = 25_000;
const TLS_POLL_MS = 5000;
/**
 * Connections that wait to be taken, of which Linux allows as many as `net.core.somaxconn` says. Whoever
 * finds no room is not told and tries again after 1, 3 and 7 seconds: a cluster that restarts finds none
 * among Node's own 511.
 */
const BACKLOG = 65_535;
/**
 * How long a connection is kept for its next request: longer than proxies keep theirs (nginx a minute,
 * Caddy two), so that none of them sends a request into a connection that is just being closed.
 */
const KEEP_ALIVE_MS = 125_000;
/**
 * Requests of one connection that wait for the answer to the one in front of them; few clients send even
 * a second. The connection ends with one more.
 */
const MAX_PIPELINED = 16;
/** Of a request's target and headers together: room for the scopes of some 500 repositories in a GET. */
const PARSER = { maxHeaderSize: 32 * 1024 };
/** What a client that was refused as malformed is given to read the answer and to hang up. */
const HANG_UP_MS = 1000;

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** The setting that both are from, for the text of a failure. */
  readonly setting: string;
  readonly tls: TlsFiles | null;
  readonly maxConnections: number;
  readonly handler: Handler;
  /** A changed certificate that cannot be used; the one before stays in use. */
  readonly tlsReloadFailed: (error: unknown) => void;
}

export interface ListeningServer {
  /** The port in fact, where 0 was asked for. */
  readonly port: number;
  /** When the certificate in use expires; null without TLS. */
  readonly tlsNotAfter: () => Date | null;
  /** Takes no new connection, lets running requests finish, closes what idles. */
  readonly stop: () => Promise<void>;
}

export async function listen(options: ServerOptions): Promise<ListeningServer> {
  const { tls } = options;
  const opened = tls && (await openTls(tls));
  const server = opened?.server ?? createServer(PARSER);
  const connections = trackConnections(server);
  const admit = createAdmission();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    connections.serve(request, response, () => {
      admit(request.socket.remoteAddress ?? '', () => void options.handler(request, response));
    });
  });
  // A push over a slow line takes what it takes; each door bounds the bodies that it reads.
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = options.maxConnections;
  server.on('clientError', refuseMalformed);
  server.listen({ host: options.host, port: options.port, backlog: BACKLOG });
  await once(server, 'listening').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'unavailable',
      `${options.setting}: ${options.host}:${options.port} cannot be listened on (${reason}). Is it in use by another program?`,
      { cause: error },
    );
  });
  const stopWatching = tls && opened && watchTls(tls, opened.reload, options.tlsReloadFailed);
  const address = server.address();

  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    tlsNotAfter: opened?.notAfter ?? (() => null),
    async stop() {
      stopWatching?.();
      await connections.drain();
    },
  };
}

/** The requests of one connection. */
interface Line {
  isBusy: boolean;
  /** What starts those that came before the answer to the one in front of them. */
  readonly behind: (() => void)[];
}

interface Connections {
  /** One of a connection at a time, when it is its turn. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, handle: () => void) => void;
  /** Ends those without a running request at once, and the others after their answer. */
  readonly drain: () => Promise<void>;
}

/**
 * Node's own `closeIdleConnections` passes over connections that never sent a request, which would
 * hold up a stop for as long as they please.
 */
function trackConnections(server: Server | TlsServer): Connections {
  const open = liveObjects<Socket>();
  const running = liveObjects<ServerResponse>();
  const lines = new WeakMap<Socket, Line>();
  let isStopping = false;

  function track(socket: Socket): void {
    const closed = open.add(socket);
    socket.on('close', closed);
  }
  function lineOf(socket: Socket): Line {
    const line = lines.get(socket) ?? { isBusy: false, behind: [] };
    lines.set(socket, line);
    return line;
  }
  function startNext(socket: Socket, line: Line): void {
    const next = socket.destroyed ? undefined : line.behind.shift();
    if (next !== undefined) {
      next();
      return;
    }
    line.isBusy = false;
    if (isStopping && !busyPeers().has(peerOf(socket))) {
      socket.end();
    }
  }
  /** Under TLS a connection is two sockets, which have the peer in common. */
  function busyPeers(): ReadonlySet<string> {
    return new Set(Array.from(running, ({ req }) => peerOf(req.socket)));
  }
  server.on('connection', track);
  server.on('secureConnection', track);

  return {
    serve({ socket }, response, handle) {
      const line = lineOf(socket);
      function start(): void {
        line.isBusy = true;
        const answered = running.add(response);
        if (isStopping) {
          response.setHeader('connection', 'close');
        }
        response.on('close', () => {
          answered();
          if (line.behind.length === 0) {
            startNext(socket, line);
          } else {
            // Other connections have their turn in between.
            setImmediate(startNext, socket, line);
          }
        });
        handle();
      }
      if (!line.isBusy) {
        start();
      } else if (line.behind.length < MAX_PIPELINED) {
        line.behind.push(start);
      } else {
        // The parser goes on with what it has read.
        socket.destroy();
      }
    },
    async drain() {
      isStopping = true;
      const closed = once(server, 'close');
      server.close();
      const busy = busyPeers();
      for (const socket of open) {
        if (!busy.has(peerOf(socket))) {
          socket.destroy();
        }
      }
      const deadline = setTimeout(() => {
        for (const socket of open) {
          socket.destroy();
        }
      }, DRAIN_MS);
      await closed;
      clearTimeout(deadline);
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Requests that Node's parser refuses never reach the app; they get JSON all the same. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    return;
  }
  const [statusLine, code, message] = malformedAnswer(error);
  const body = JSON.stringify({ errors: [{ code, message, detail: null }] });
  socket.end(
    `HTTP/1.1 ${statusLine}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Its half of the connection, kept open, would hold the socket for good.
  setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
}

/** The second line of base64 that `base64` has wrapped, where the parser waits for another header. */
const WRAPPED_BASIC =
  /\nAuthorization:[ \t]*Basic[ \t]+[A-Za-z0-9+/]+\r?\n[A-Za-z0-9+/]+={0,2}\r?\n/i;

function malformedAnswer(
  error: NodeJS.ErrnoException & { readonly rawPacket?: unknown },
): readonly [statusLine: string, code: string, message: string] {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return ['413 Content Too Large', 'SIZE_INVALID', 'The request headers are too large.'];
  }
  const { rawPacket } = error;
  const told = faultReason('wrapped_base64');
  return rawPacket instanceof Buffer && WRAPPED_BASIC.test(rawPacket.toString('latin1'))
    ? [`401 Unauthorized (Pullgate: ${told.phrase})`, 'UNAUTHORIZED', sentencesOf(told)]
    : ['400 Bad Request', 'UNSUPPORTED', 'The request is not well-formed HTTP.'];
}

interface OpenedTls {
  readonly server: TlsServer;
  readonly notAfter: () => Date;
  readonly reload: () => Promise<void>;
}

async function openTls(files: TlsFiles): Promise<OpenedTls> {
  try {
    let inUse = await readTls(files);
    const server = createTlsServer({ ...PARSER, ...inUse });
    answerPlainHttp(server);
    return {
      server,
      notAfter: () => new Date(new X509Certificate(inUse.cert).validTo),
      async reload() {
        const changed = await readTls(files);
        server.setSecureContext(changed);
        inUse = changed;
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'unavailable',
      `http.tls_cert and http.tls_key cannot be used together: ${reason}`,
      { cause: error },
    );
  }
}

async function readTls({ cert, key }: TlsFiles): Promise<{ cert: Buffer; key: Buffer }> {
  return { cert: await readFile(cert), key: await readFile(key) };
}

/**
 * Polls, because a file that is replaced, as Kubernetes and certbot do, is lost to a watcher. Two files
 * are never replaced at one moment: a pair that does not fit yet is tried again, and told once.
 */
function watchTls(
  files: TlsFiles,
  reload: () => Promise<void>,
  failed: (error: unknown) => void,
): () => void {
  let seen: string | null = null;
  let lastFailure = '';
  async function reloadIfChanged(): Promise<void> {
    try {
      const now = await modificationTimes(files);
      if (seen !== null && now !== seen) {
        await reload();
      }
      seen = now;
      lastFailure = '';
    } catch (error) {
      if (String(error) !== lastFailure) {
        lastFailure = String(error);
        failed(error);
      }
    }
  }
  void reloadIfChanged();
  const timer = setInterval(() => void reloadIfChanged(), TLS_POLL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

async function modificationTimes({ cert, key }: TlsFiles): Promise<string> {
  const times = await Promise.all([stat(cert), stat(key)]);
  return times.map(({ mtimeMs, ino }) => `${mtimeMs}/${ino}`).join();
}
