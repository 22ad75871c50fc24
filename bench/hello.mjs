import { fileURLToPath } from 'node:url';
import { tokenRequest } from './load.mjs';
import { freePort, spawnPinned, untilAnswers } from './programs.mjs';
import { questionOf } from './pullgate-server.mjs';

const PROGRAM = fileURLToPath(new URL('hello-server.mjs', import.meta.url));

/** A server that does nothing, asked with the same headers as the token door; `app` is node, koa or busy. */
export async function startHello({ app, cpus, processes = 1 }) {
  const port = await freePort();
  const command = [process.execPath, PROGRAM, app, String(port), String(processes)];
  const child = spawnPinned(cpus, command, { stdio: ['ignore', 'ignore', 'inherit'] });
  await untilAnswers(`http://127.0.0.1:${port}/token`, child);
  return { child, port, requests: (mode) => [tokenRequest({ ...questionOf(0), mode })] };
}
