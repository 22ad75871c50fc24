#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=60 --v8-pool-size=1 --no-parallel-scavenge
// These options of node keep a process small: docs/decisions/0026-small-heap.md.

import { contextOf } from './cli/context.js';
import { runCommandLine } from './cli/program.js';
import { CommandError } from './failure.js';
import { ownVersion } from './version.js';

// Each command imports what it needs: the others start without the doors.
process.exitCode = await runCommandLine(process.argv.slice(2), contextOf(process), {
  async serve(...given) {
    const { serve } = await import('./process/serve.js');
    await serve(...given);
  },
  async quickstart(...given) {
    const { quickstart } = await import('./quickstart/quickstart.js').catch(notInstalled);
    await quickstart(...given);
  },
  version: ownVersion(),
});

/** The image and the package leave the quickstart out. */
function notInstalled(error: unknown): never {
  const isMissing =
    error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
  throw isMissing
    ? new CommandError('quickstart runs from a checkout of the repository: `npm start` there.')
    : error;
}
