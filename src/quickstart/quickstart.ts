import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import type { CliContext } from '../cli/context.js';
import { readConfig } from '../config/load.js';
import { CommandError } from '../failure.js';
import { createLog } from '../log.js';
import { stopSignal } from '../process/serve.js';
import type { Config } from '../config/schema.js';
import { checkStack } from './check.js';
import { DEMO_TAG, setUpDemo, type Demo } from './demo.js';
import { cloneAddress, DEMO_PROJECT } from './demo-repository.js';
import { startStack, type Stack } from './stack.js';

const DATA_DIR = 'data';
const CACHE_DIR = join(DATA_DIR, 'cache');
const LOG_FILE = join(DATA_DIR, 'quickstart.log');

/** Everything on this machine: the service, a stock registry and a demo project. */
export async function quickstart(
  context: CliContext,
  { check }: { readonly check: boolean },
): Promise<void> {
  // From the start on, so that a Ctrl-C during the set-up stops the registry too.
  const stopped = stopSignal();
  if (check) {
    await runCheck(context, stopped);
  } else {
    await runDemo(context, stopped);
  }
}

async function runDemo(context: CliContext, stopped: Promise<string>): Promise<void> {
  const config = await readConfig(context);
  await mkdir(DATA_DIR, { recursive: true, mode: 0o700 });
  const stack = await startStack({
    context,
    config,
    log: createLog(config.log.level, pino.destination({ dest: LOG_FILE, sync: true })),
    registryDir: join(DATA_DIR, 'registry'),
    cacheDir: CACHE_DIR,
  });
  try {
    const path = context.env['PATH'] ?? '';
    const demo = await Promise.race([setUpDemo({ stack, now: context.now, path }), stopped]);
    if (typeof demo !== 'string') {
      context.writeOut(welcome(stack, demo));
      const registryEnd = stack.registry.exited.then(() => {
        throw new CommandError(
          `The registry ended by itself:\n${stack.registry.logs().slice(-1000)}`,
        );
      });
      const signal = await Promise.race([stopped, registryEnd]);
      context.progress(`Stopping: ${signal}.`);
    }
  } finally {
    await stack.stop();
  }
}

/** In a throw-away folder and on ports that are free, so that it disturbs nothing that is there. */
async function runCheck(context: CliContext, stopped: Promise<string>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-check-'));
  let stack: Stack | null = null;
  try {
    stack = await startStack({
      context,
      config: throwAwayConfig(await readConfig(context), folder),
      log: createLog('info', pino.destination({ dest: join(folder, 'log'), sync: true })),
      registryDir: join(folder, 'registry'),
      cacheDir: CACHE_DIR,
    });
    const interruption = stopped.then((signal) => {
      throw new Error(`interrupted by ${signal}`);
    });
    await Promise.race([checkStack(context, stack, folder), interruption]);
    context.writeOut('Everything works.\n');
  } catch (error) {
    throw new CommandError(`The check failed: ${causeText(error)}`, {
      cause: error,
    });
  } finally {
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function throwAwayConfig(config: Config, folder: string): Config {
  return {
    ...config,
    database: { ...config.database, url: { type: 'sqlite', file: join(folder, 'pullgate.db') } },
    certs: { dir: join(folder, 'certs') },
    git: { ...config.git, root: join(folder, 'git') },
  };
}

function welcome(stack: Stack, demo: Demo): string {
  const { config, registry } = stack;
  const { username, secret } = demo.credentials;
  const expires = demo.token.expiresAt?.toISOString().slice(0, 10) ?? '';
  const password =
    demo.password === null
      ? 'as shown at the first start; set a new one with:\n' +
        `    echo NEW_PASSWORD | node dist/src/main.js user password ${demo.administrator.username} --password-stdin`
      : `${demo.password.reveal()}   (shown only now)`;
  return `
Pullgate      ${config.http.publicUrl}   (open it in a browser; token endpoint: ${config.http.publicUrl}/token)
Registry      ${registry.host}   (${registry.description})
Demo project  ${DEMO_PROJECT}

Log in, pull and clone with its deploy token, which expires on ${expires}:

    docker login -u ${username} --password-stdin ${registry.host} <<< '${secret.reveal()}'
    docker pull ${registry.host}/${DEMO_PROJECT}:${DEMO_TAG}
    git clone ${cloneAddress(stack, demo.credentials)}

Revoke it, and try again, in the browser or here:

    ${config.http.publicUrl}/${DEMO_PROJECT}/-/settings/repository
    node dist/src/main.js deploy-token revoke ${demo.token.id}

Sign in at ${config.http.publicUrl}/users/sign_in as ${demo.administrator.username}, password ${password}

State is in ./${dirname(LOG_FILE)} and ${config.certs.dir}, the log in ./${LOG_FILE}. Ctrl-C stops everything.
`;
}

/** `fetch` says what was wrong in its cause alone. */
function causeText(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
