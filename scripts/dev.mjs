/**
 * `npm run dev`: serves what src says, anew after each change of it, on a database of its own that is
 * filled at the first start; and beside it a gallery of the pages' components. Ctrl-C ends everything.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync, watch } from 'node:fs';
import { requirePrograms, say, setUp } from './setup.mjs';

const FOLDER = 'data/dev';
const ADDRESS = 'localhost:5081';
const GALLERY_PORT = 5082;
/** A compilation writes many files, one after the other. */
const SETTLED_MS = 200;

const env = {
  PULLGATE_HTTP_LISTEN: ADDRESS.replace('localhost', '127.0.0.1'),
  PULLGATE_HTTP_PUBLIC_URL: `http://${ADDRESS}`,
  ...process.env,
  // Never those of somebody's configuration: people and tokens are made up in there.
  PULLGATE_DATABASE_URL: `sqlite:${FOLDER}/pullgate.db`,
  PULLGATE_CERTS_DIR: `${FOLDER}/certs`,
  PULLGATE_GIT_ROOT: `${FOLDER}/git`,
};

requirePrograms([{ program: 'git', debianPackage: 'git' }]);
await setUp();
if (!existsSync(FOLDER)) {
  fillDatabase();
}
// Children are in groups of their own, so that a Ctrl-C reaches them once: from here.
const compiler = spawn(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '--build', '--watch', '--preserveWatchOutput'],
  { stdio: 'inherit', detached: true },
);
let programs = start();
let isStopping = false;
let isRestarting = false;
let settled;

for (const folder of ['dist/src', 'dist/test/gallery']) {
  watch(folder, { recursive: true }, (_, name) => name?.endsWith('.js') && changed());
}
watch('src/web/assets', changed);
compiler.once('exit', () => void stop());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => void stop());
}
say(
  `\nPullgate, compiled from src after each change: ${env.PULLGATE_HTTP_PUBLIC_URL}/users/sign_in\n` +
    'Sign in as ada (administrator), grace (developer) or gus (guest), password: correct horse battery\n' +
    `Every component with made-up content: http://localhost:${GALLERY_PORT}/\n` +
    `State is in ${FOLDER}; remove it to begin anew. Ctrl-C stops everything.\n`,
);

function fillDatabase() {
  const { status } = spawnSync(process.execPath, ['dist/test/support/seed.js'], {
    env,
    stdio: 'inherit',
  });
  if (status !== 0) {
    rmSync(FOLDER, { recursive: true, force: true });
    process.exit(1);
  }
}

function start() {
  return [
    run('The service', ['dist/src/main.js', 'serve']),
    run('The gallery', ['dist/test/gallery/main.js', String(GALLERY_PORT)]),
  ];
}

function run(what, args) {
  const child = spawn(process.execPath, args, { env, stdio: 'inherit', detached: true });
  child.once('exit', (code) => {
    if (!isStopping && !isRestarting) {
      say(`${what} ended with ${code}. It starts again after the next change.`);
    }
  });
  return child;
}

function changed() {
  clearTimeout(settled);
  settled = setTimeout(() => void restart(), SETTLED_MS);
}

async function restart() {
  if (isStopping) {
    return;
  }
  if (isRestarting) {
    changed();
    return;
  }
  isRestarting = true;
  await Promise.all(programs.map(end));
  if (!isStopping) {
    say('Changed: the service starts again.');
    programs = start();
  }
  isRestarting = false;
}

async function stop() {
  if (isStopping) {
    return;
  }
  isStopping = true;
  clearTimeout(settled);
  await Promise.all([compiler, ...programs].map(end));
  process.exit();
}

async function end(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    // The whole group: the compiler is a program that this child started.
    process.kill(-child.pid, 'SIGTERM');
    await exited;
  }
}
