/** Loaded into a server that is measured: what it does once an hour, it does at SIGUSR2 instead. */

import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

const HOUR_MS = 60 * 60 * 1000;
const pause = timers.setTimeout;

timers.setTimeout = async (milliseconds, value, options) => {
  if (milliseconds !== HOUR_MS) {
    return await pause(milliseconds, value, options);
  }
  await once(process, 'SIGUSR2', { signal: options?.signal });
  return value;
};
syncBuiltinESMExports();
