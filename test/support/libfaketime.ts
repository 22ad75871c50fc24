import { existsSync } from 'node:fs';

const FOLDER = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const LIBRARY = `/usr/lib/${FOLDER}/faketime/libfaketime.so.1`;

/** The environment of a process whose clock is off by so much, as in `+10m`; null where it cannot be. */
export function clockOff(offset: string): NodeJS.ProcessEnv | null {
  return existsSync(LIBRARY) ? { LD_PRELOAD: LIBRARY, FAKETIME: offset } : null;
}
