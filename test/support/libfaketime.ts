import { existsSync } from 'node:fs';

const FOLDER = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

/** Its path. Throws where it is not installed. */
export function libfaketime(file = 'libfaketime.so.1'): string {
  const library = `/usr/lib/${FOLDER}/faketime/${file}`;
  if (!existsSync(library)) {
    throw new Error(`There is no ${library}: apt-get install faketime`);
  }
  return library;
}

/** The environment of a process whose clock is off by so much, as in `+10m`. */
export function clockOff(offset: string): NodeJS.ProcessEnv {
  return { LD_PRELOAD: libfaketime(), FAKETIME: offset };
}
