/** Starting programs, and stopping them. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Standard output; throws when it fails. */
export async function run(program, args, options) {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) {
    throw new Error(`${program} ${args[0]} ended with ${code}.`);
  }
  return output;
}

/** Kept to those CPUs where `taskset` is at hand and there is more than one; anywhere else where not. */
export function spawnPinned(cpus, [program, ...args], options) {
  return canPin()
    ? spawn('taskset', ['-c', cpus, program, ...args], options)
    : spawn(program, args, options);
}

export function canPin() {
  return availableParallelism() > 1 && isInstalled('taskset');
}

export function isInstalled(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

export async function end(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until something answers HTTP there, whatever it says. */
export async function untilAnswers(url, child) {
  while (child.exitCode === null && child.signalCode === null) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await pause(20);
    }
  }
  throw new Error(`The server at ${url} ended before it answered.`);
}
