#!/usr/bin/env -S node --max-semi-space-size=8 --heap-growing-percent=60 --v8-pool-size=1 --no-parallel-scavenge
// These options of node keep a process small: docs/decisions/0026-small-heap.md.

import type { CliContext } from './cli/context.js';
import { runCommandLine } from './cli/program.js';
import { ownVersion } from './version.js';

const context: CliContext = {
  env: process.env,
  stdin: process.stdin,
  now: () => new Date(),
  writeOut: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  progress: (line) => process.stderr.isTTY && process.stderr.write(`${line}\n`),
};

// `pullgate … | head`: whoever read our output has seen enough, and the work itself goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
  });
}

// Each imported by the command that is it: the others start without the doors.
process.exitCode = await runCommandLine(process.argv.slice(2), context, {
  async serve(...given) {
    const { serve } = await import('./serve.js');
    await serve(...given);
  },
  async quickstart(...given) {
    const { quickstart } = await import('./quickstart/quickstart.js');
    await quickstart(...given);
  },
  version: ownVersion(),
});
