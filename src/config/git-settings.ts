/** The settings of the git door, Git LFS included. */

import { z } from 'zod';
import { cpuCount } from './cpu-count.js';
import { wholeNumber } from './values.js';

const MAX_PROCESSES = 1024;
const PROCESSES_PER_CPU = 2;
const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

export const GitSettings = z
  .strictObject({
    root: z.string().min(1).default('./data/git').describe('Folder of the bare repositories.'),
    maxProcesses: z
      .union([z.literal('auto'), wholeNumber(1, MAX_PROCESSES)], {
        error: `is neither auto nor a whole number from 1 to ${MAX_PROCESSES}`,
      })
      .prefault('auto')
      .transform((value) => (value === 'auto' ? cpuCount() * PROCESSES_PER_CPU : value))
      .describe(
        'How many `git` programs run at once, or `auto` for two a CPU; further requests wait in a ' +
          'queue. One actor, or one anonymous network, has at most half of both.',
      ),
    maxQueue: wholeNumber(0, 10_000)
      .prefault(128)
      .describe('How many requests may wait; those past it are answered 503 at once.'),
    queueSeconds: wholeNumber(1, 600)
      .prefault(300)
      .describe('How long a request waits for its turn before it is answered 503.'),
    idleSeconds: wholeNumber(1, 3600)
      .prefault(60)
      .describe(
        'A clone, fetch or push is ended that makes no headway for this long: a client has to move ' +
          '4 KiB a second on average. The body of a fetch has to arrive within it.',
      ),
    totalSeconds: wholeNumber(1, 86_400)
      .prefault(3600)
      .describe('The longest that one request may take in all.'),
    maxFetchBytes: wholeNumber(1024, Number.MAX_SAFE_INTEGER)
      .prefault(10 * 1024 * 1024)
      .describe('Largest request body of a clone or fetch, as sent and unpacked.'),
    maxPushBytes: wholeNumber(1024, Number.MAX_SAFE_INTEGER)
      .prefault(2 * GIBIBYTE)
      .describe('Largest request body of a push, as sent and unpacked.'),
    maxLfsObjectBytes: wholeNumber(1024, Number.MAX_SAFE_INTEGER)
      .prefault(5 * GIBIBYTE)
      .describe('Largest Git LFS object that can be pushed.'),
    maxLfsTransfers: wholeNumber(2, 10_000)
      .prefault(32)
      .describe(
        'How many Git LFS objects are sent or received at once; further ones wait in a queue of ' +
          '`git.max_queue`. One actor, or one anonymous network, has at most half of both.',
      ),
    maxMemoryBytes: wholeNumber(64 * MEBIBYTE, Number.MAX_SAFE_INTEGER)
      .prefault(1024 * MEBIBYTE)
      .describe(
        'Memory of one `git` program. An object takes at most a quarter of it; files of more than a ' +
          'sixteenth are streamed, whatever their size.',
      ),
  })
  .prefault({});
