/** A `pullgate serve` of its own with as many deploy tokens as are asked for, ready to be measured. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tokenRequest } from './load.mjs';
import { freePort, run, spawnPinned, untilAnswers } from './programs.mjs';

export const PROGRAM = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
/** How many of the tokens take turns. */
const USED = 1000;
const TOKENS_A_PROJECT = 10;

/**
 * Serves on those CPUs, with a folder of its own for its state; `database` holds `tokens` deploy
 * tokens (see token-database.mjs). The log goes where `docker logs` would read it from, but to nobody.
 */
export async function startPullgate({
  name,
  folder,
  cpus,
  database,
  settings = {},
  nodeOptions = [],
  standardOutput = 'ignore',
  withWrongSecrets = false,
}) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pullgate.yml'), '');
  await shareCa(database, join(folder, 'certs'));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    PULLGATE_CONFIG: join(folder, 'pullgate.yml'),
    PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
    PULLGATE_HTTP_PUBLIC_URL: `http://127.0.0.1:${port}`,
    PULLGATE_DATABASE_URL: database.url,
    ...settings,
  };
  const { program } = database;
  const command = [process.execPath, ...optionsOf(program), ...nodeOptions, program, 'serve'];
  const startedAt = performance.now();
  const child = spawnPinned(cpus, command, {
    cwd: folder,
    env,
    stdio: ['ignore', standardOutput, 'inherit'],
  });
  await untilAnswers(`http://127.0.0.1:${port}/-/liveness`, child);
  const startMs = performance.now() - startedAt;

  function questions(mode) {
    const step = Math.max(1, Math.floor(database.tokens / USED));
    const ids = Array.from({ length: Math.min(USED, database.tokens) }, (_, index) => index * step);
    const question = withWrongSecrets ? wrongQuestionOf : questionOf;
    return ids.map((index) => tokenRequest({ ...question(index), mode }));
  }

  const { pid: databasePid } = database;
  const answered = withWrongSecrets ? '401' : '2';
  return { name, child, port, env, program, startMs, databasePid, requests: questions, answered };
}

/** A database knows its CA; the leaves are each server's own, whatever algorithm another one signs by. */
async function shareCa(database, certs) {
  if (database.certs === undefined) {
    database.certs = certs;
    return;
  }
  await mkdir(certs, { recursive: true });
  for (const file of ['ca.crt', 'ca.key']) {
    await copyFile(join(database.certs, file), join(certs, file));
  }
}

/** Those in the program's first line, as the image and the systemd unit run it. */
function optionsOf(program) {
  const [firstLine] = readFileSync(program, 'utf8').split('\n', 1);
  return firstLine.split(' ').filter((word) => word.startsWith('--'));
}

/** Runs a command of the command line, a process of its own, on the same database. */
export async function pullgate({ env, program }, ...args) {
  return JSON.parse(await run(process.execPath, [program, ...args, '--json'], { env }));
}

/** What a client asks with the token of that number: to pull an image of its project. */
export function questionOf(index) {
  const { project, username, secret } = tokenOf(index);
  const account = encodeURIComponent(username);
  const scope = encodeURIComponent(`repository:${project}/web:pull`);
  return {
    target: `/token?account=${account}&scope=${scope}&service=container_registry`,
    authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
  };
}

/** From a network of its own: a second, one network has no more than hundreds answered at once. */
function wrongQuestionOf(index) {
  const { username } = tokenOf(index);
  const { secret } = tokenOf(-index - 1);
  return {
    ...questionOf(index),
    authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
    address: `2001:db8:${index.toString(16)}::1`,
  };
}

/** The token of that number, always the same: no file of secrets needs to be kept. */
export function tokenOf(index) {
  const digest = createHash('sha256').update(`bench ${index}`).digest();
  return {
    project: `bench/project-${Math.floor(index / TOKENS_A_PROJECT)}`,
    username: `deploy-token-${index + 1}`,
    secret: `gldt-${digest.subarray(0, 24).toString('base64url')}`,
  };
}
