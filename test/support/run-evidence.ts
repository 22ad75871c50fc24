/**
 * What a run of the whole suite leaves for its last step, which searches every log for every secret:
 * see scripts/test.mjs. Without the folder, as in a single test file, nothing is kept.
 */

import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const EVIDENCE_FOLDER = 'PULLGATE_TEST_EVIDENCE';
export const SECRETS_FILE = 'secrets';
export const LOG_FILE = 'log';

const folder = process.env[EVIDENCE_FOLDER];
let logs = 0;
let unwritten = '';

/** For secrets that no `Secret.generate` made; those are noted by themselves. */
export function noteSecret(secret: string): void {
  if (folder === undefined) {
    return;
  }
  unwritten += `${JSON.stringify(secret)}\n`;
  try {
    appendFileSync(join(folder, `${SECRETS_FILE}-${process.pid}`), unwritten);
    unwritten = '';
  } catch {
    // A test that lets this process write or open no file must not fail for it: with the next secret.
  }
}

export function keepLog(writer: string, text: string): void {
  if (folder !== undefined && text !== '') {
    logs += 1;
    writeFileSync(join(folder, `${LOG_FILE}-${process.pid}-${logs}-${writer}`), text);
  }
}

/** What a process of ours is given, so that it notes its secrets too. */
export function evidenceEnv(): NodeJS.ProcessEnv {
  return folder === undefined
    ? {}
    : { [EVIDENCE_FOLDER]: folder, NODE_OPTIONS: process.env['NODE_OPTIONS'] };
}
