import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { CliContext } from '../cli/context.js';
import { CommandError } from '../failure.js';
import { createLog } from '../log.js';
import { stopSignal } from '../process/serve.js';
import { checkStack } from './check.js';
import { keepAddresses, openDemoFolder } from './demo-folder.js';
import { setUpDemo } from './demo.js';
import { startStack, type Stack } from './stack.js';
import { welcome } from './welcome.js';

const DEMO_DIR = 'demo';
const CACHE_DIR = join(DEMO_DIR, 'cache');

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
  const folder = await openDemoFolder(context, DEMO_DIR);
  const { level } = folder.config.log;
  const stack = await startStack({
    context,
    config: folder.config,
    log: createLog(level, pino.destination({ dest: folder.logFile, sync: true })),
    registryDir: folder.registryDir,
    cacheDir: CACHE_DIR,
  });
  try {
    await keepAddresses(folder.settingsFile, stack.config);
    const path = context.env['PATH'] ?? '';
    const demo = await Promise.race([setUpDemo({ stack, now: context.now, path }), stopped]);
    if (typeof demo !== 'string') {
      context.writeOut(welcome(stack, demo, folder));
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
    const { config, logFile, registryDir } = await openDemoFolder(context, folder);
    stack = await startStack({
      context,
      config,
      log: createLog('info', pino.destination({ dest: logFile, sync: true })),
      registryDir,
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

/** `fetch` says what was wrong in its cause alone. */
function causeText(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
