/** A repository of 3000 commits and 50 MB of blobs, and git to clone it with. */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { run } from './programs.mjs';

const COMMITS = 3000;
const BLOBS = 50;
const BLOB_BYTES = 1024 * 1024;

export async function makeBigRepository(path) {
  await git(['init', '--quiet', '--bare', '--initial-branch=main', path]);
  const importer = spawn('git', ['--git-dir', path, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(importer, 'close');
  for (let number = 1; number <= COMMITS; number += 1) {
    const content = `${number}\n`;
    importer.stdin.write(
      `commit refs/heads/main\ncommitter Bench <bench@example.com> ${1_700_000_000 + number} +0000\n` +
        `data ${content.length}\n${content}M 100644 inline folder-${number % 20}/file-${number % 300}.txt\n` +
        `data ${content.length}\n${content}\n`,
    );
    if (number <= BLOBS) {
      importer.stdin.write(`M 100644 inline blob-${number}.bin\ndata ${BLOB_BYTES}\n`);
      importer.stdin.write(randomBytes(BLOB_BYTES));
      importer.stdin.write('\n');
    }
  }
  importer.stdin.end();
  await ended;
}

/** As nobody in particular: without anybody's configuration. */
export async function git(args) {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1' };
  return await run('git', args, { env });
}
