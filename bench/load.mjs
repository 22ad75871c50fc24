/** The load generator, as the benchmarks use it. */

import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { fineCpuSeconds } from './process-cpu.mjs';
import { spawnPinned } from './programs.mjs';

const GENERATOR = fileURLToPath(new URL('load-generator.mjs', import.meta.url));
const CONNECTIONS = 64;
const FEWEST_ANSWERS = 50;

export const KEEP_ALIVE = 'keep-alive';
export const FRESH = 'fresh connections';
export const MODES = [KEEP_ALIVE, FRESH];
/** Kept connections that are asked seldom: code runs cold, and each wait is a sleep and a wake-up. */
export const PACED = 'at 200 a second';
export const PACED_RATE = 200;

export function startGenerator(cpus) {
  return spawnPinned(cpus, [process.execPath, GENERATOR], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

/** As docker asks for a token; without a `token`, of a server that asks for none. */
export function tokenRequest({ target, authorization, mode, address = null }) {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: pullgate.example.com',
    'User-Agent: docker/28.2.2 go/go1.24.3 git-commit/45873be kernel/6.1.0 os/linux arch/amd64 ' +
      'UpstreamClient(Docker-Client/28.2.2 \\(linux\\))',
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    ...(address === null ? [] : [`X-Forwarded-For: ${address}`]),
    'Accept-Encoding: gzip',
    ...(mode === FRESH ? ['Connection: close'] : []),
    '\r\n',
  ].join('\r\n');
}

/**
 * Throws when an answer is anything but 2xx, or what the server's `answered` says, or does not come.
 *
 * The client stays awake unless told otherwise. To wake one that sleeps on another CPU of the same
 * machine takes an interrupt, up to 40 µs of an answer, which is charged to the server; no client on
 * another machine costs it that.
 */
export async function measure(
  generator,
  server,
  { mode, rate = null, warmUpMs, windowMs, isAwake = true },
) {
  await startLoad(generator, server, { mode, rate, isAwake });
  await pause(warmUpMs);
  await tell(generator, 'latencies');
  const before = await snapshot(generator, server);
  await pause(windowMs);
  let after = await snapshot(generator, server);
  // Others may have held up the database for all of that time.
  for (let more = 0; after.answers - before.answers < FEWEST_ANSWERS && more < 10; more += 1) {
    await pause(windowMs);
    after = await snapshot(generator, server);
  }
  const { p99 } = rate === null ? { p99: null } : await tell(generator, 'latencies');
  await tell(generator, 'stop');
  const requests = after.answers - before.answers;
  if (after.wrong > 0 || requests === 0) {
    throw new Error(`${server.name}: ${after.wrong} wrong answers of ${after.answers}.`);
  }
  return {
    microseconds: ((after.cpu - before.cpu) / requests) * 1e6,
    databaseMicroseconds: ((after.databaseCpu - before.databaseCpu) / requests) * 1e6,
    p99,
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
      answered: server.answered ?? '2',
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

async function snapshot(generator, { child, databasePid }) {
  const count = await tell(generator, 'count');
  const cpu = await fineCpuSeconds(child.pid);
  const databaseCpu = databasePid === undefined ? 0 : await fineCpuSeconds(databasePid);
  return { ...count, cpu, databaseCpu };
}
