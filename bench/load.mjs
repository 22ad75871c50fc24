/** The load generator, as the benchmarks use it. */

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds } from './process-cpu.mjs';
import { spawnPinned } from './programs.mjs';

const GENERATOR = fileURLToPath(new URL('load-generator.mjs', import.meta.url));
const CONNECTIONS = 64;

export const KEEP_ALIVE = 'keep-alive';
export const FRESH = 'fresh connections';
export const MODES = [KEEP_ALIVE, FRESH];

export function startGenerator(cpus) {
  return spawnPinned(cpus, [process.execPath, GENERATOR], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** As docker asks for a token; without a `token`, of a server that asks for none. */
export function tokenRequest({ target, authorization, mode }) {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: pullgate.example.com',
    'User-Agent: docker/28.2.2 go/go1.24.3 git-commit/45873be kernel/6.1.0 os/linux arch/amd64 ' +
      'UpstreamClient(Docker-Client/28.2.2 \\(linux\\))',
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    'Accept-Encoding: gzip',
    ...(mode === FRESH ? ['Connection: close'] : []),
    '\r\n',
  ].join('\r\n');
}

/**
 * Throws when an answer is anything but 2xx, or does not come.
 *
 * The client stays awake unless told otherwise. To wake one that sleeps on another CPU of the same
 * machine takes an interrupt, up to 40 µs of an answer, which is charged to the server; no client on
 * another machine costs it that.
 */
export async function measure(generator, server, { mode, warmUpMs, windowMs, isAwake = true }) {
  await startLoad(generator, server, { mode, isAwake });
  await pause(warmUpMs);
  const before = await snapshot(generator, server);
  await pause(windowMs);
  const after = await snapshot(generator, server);
  await tell(generator, 'stop');
  const requests = after.answers - before.answers;
  if (after.wrong > 0 || requests === 0) {
    throw new Error(`${server.name}: ${after.wrong} wrong answers of ${after.answers}.`);
  }
  return {
    microseconds: ((after.cpu - before.cpu) / requests) * 1e6,
    perSecond: requests / ((after.at - before.at) / 1000),
  };
}

/** Requests at random moments, so many a second; latency counts from the moment planned. */
export async function measureLatency(generator, server, { mode, rate, warmUpMs, windowMs }) {
  await startLoad(generator, server, { mode, rate });
  await pause(warmUpMs);
  await tell(generator, 'latencies');
  await pause(windowMs);
  const latencies = await tell(generator, 'latencies');
  await tell(generator, 'stop');
  if (latencies.wrong > 0) {
    throw new Error(`${server.name}: ${latencies.wrong} wrong answers.`);
  }
  return latencies;
}

export async function startLoad(generator, server, { mode, rate = null, isAwake = false }) {
  generator.send({
    start: {
      port: server.port,
      requests: server.requests(mode),
      isFresh: mode === FRESH,
      connections: rate === null ? CONNECTIONS : CONNECTIONS * 16,
      rate,
      isAwake,
    },
  });
}

export async function tell(generator, message) {
  const answer = once(generator, 'message');
  generator.send(message);
  return (await answer)[0];
}

async function snapshot(generator, { child }) {
  const count = await tell(generator, 'count');
  return { ...count, cpu: await cpuSeconds(child.pid) };
}
