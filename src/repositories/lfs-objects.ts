/**
 * The Git LFS objects of the repositories: `<git.root>/<project id>.git/lfs/objects/aa/bb/<oid>`, where
 * git-lfs keeps those of a bare repository itself. An object's name is its SHA-256.
 */

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../access/errors.js';
import { asNoSpace } from './no-space.js';

const OBJECTS = join('lfs', 'objects');
export const LFS_INCOMING = join('lfs', 'incoming');
/** Few reads an object, whose cost is less of bytes than of being asked for. */
const READ_BYTES = 256 * 1024;
const OID = /^[0-9a-f]{64}$/;

export function isOid(text: string): boolean {
  return OID.test(text);
}

export interface LfsObjects {
  /** The size of an object; null when there is none. */
  readonly sizeOf: (projectId: number, oid: string) => Promise<number | null>;
  /** A part of an object, both ends included; it must be there. */
  readonly read: (projectId: number, oid: string, part: BytePart) => Readable;
  /** Takes what comes; throws `invalid_input` when that is not what its name says. */
  readonly receive: (
    projectId: number,
    oid: string,
    body: Readable,
    options: ReceiveOptions,
  ) => Promise<LfsDraft>;
  /** All of a project's. */
  readonly removeAll: (projectId: number) => Promise<void>;
}

export interface BytePart {
  readonly start: number;
  readonly end: number;
}

export interface ReceiveOptions {
  /** Told of all bytes so far, before more of them are written: what it throws ends the upload. */
  readonly arrived: (bytes: number) => Promise<void>;
}

/** A whole object beside its place. One of the two must be called. */
export interface LfsDraft {
  readonly bytes: number;
  /** False when the object was there already. */
  readonly place: () => Promise<boolean>;
  /** Does nothing once it is in its place. */
  readonly discard: () => Promise<void>;
}

export function openLfsObjects(root: string): LfsObjects {
  const folder = resolve(root);

  function repositoryOf(projectId: number): string {
    return join(folder, `${projectId}.git`);
  }
  function fileOf(projectId: number, oid: string): string {
    return join(repositoryOf(projectId), placeOf(oid));
  }

  return {
    async sizeOf(projectId, oid) {
      return await sizeOfFile(fileOf(projectId, oid));
    },
    read: (projectId, oid, { start, end }) =>
      createReadStream(fileOf(projectId, oid), {
        start,
        end: Math.max(start, end),
        highWaterMark: READ_BYTES,
      }),
    async receive(projectId, oid, body, { arrived }) {
      const incoming = join(repositoryOf(projectId), LFS_INCOMING);
      const draft = join(incoming, randomUUID());
      try {
        await mkdir(incoming, { recursive: true, mode: 0o700 });
        const { bytes, digest } = await write(draft, body, arrived);
        if (digest !== oid) {
          throw new AppError('invalid_input', `What arrived is not the object ${oid}.`);
        }
        return {
          bytes,
          async place() {
            return await placeFile(draft, fileOf(projectId, oid));
          },
          async discard() {
            await rm(draft, { force: true });
          },
        };
      } catch (error) {
        await rm(draft, { force: true });
        throw asNoSpace(error);
      }
    },
    async removeAll(projectId) {
      await rm(join(repositoryOf(projectId), 'lfs'), { recursive: true, force: true });
    },
  };
}

function placeOf(oid: string): string {
  return join(OBJECTS, oid.slice(0, 2), oid.slice(2, 4), oid);
}

/** Null for what is no file: a link could lead anywhere. */
async function sizeOfFile(file: string): Promise<number | null> {
  const found = await lstat(file).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}

/** On the disk when it is done, with a digest of what was written. */
async function write(
  file: string,
  body: Readable,
  arrived: (bytes: number) => Promise<void>,
): Promise<{ readonly bytes: number; readonly digest: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
      await arrived(bytes);
      yield chunk;
    }
  }
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true });
  await pipeline(body, measured, target);
  return { bytes, digest: hash.digest('hex') };
}

/** By a link, which fails where there is one already, and so tells the first of two. */
async function placeFile(draft: string, file: string): Promise<boolean> {
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      return false;
    }
    throw asNoSpace(error);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Copies the objects of a repository that somebody else made: regular files alone, each held against its
 * name, which no file of ours that a link leads to would fit. Returns their size.
 */
export async function copyLfsObjects(from: string, to: string): Promise<number> {
  let bytes = 0;
  for await (const oid of oidsIn(join(from, OBJECTS))) {
    const source = join(from, placeOf(oid));
    const target = join(to, placeOf(oid));
    await mkdir(join(target, '..'), { recursive: true, mode: 0o700 });
    const file = await open(source, 'r');
    const written = await write(target, file.createReadStream(), async () => {});
    if (written.digest !== oid) {
      throw new AppError(
        'invalid_input',
        `${source} is damaged: it is not what its name says. Fetch it again, or remove it.`,
      );
    }
    bytes += written.bytes;
  }
  return bytes;
}

async function* oidsIn(objects: string): AsyncGenerator<string> {
  for (const first of await foldersIn(objects)) {
    for (const second of await foldersIn(join(objects, first))) {
      const folder = join(objects, first, second);
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (entry.isFile() && isOid(entry.name) && entry.name.startsWith(first + second)) {
          yield entry.name;
        }
      }
    }
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const isFolder = (await lstat(folder).catch(() => null))?.isDirectory() === true;
  const entries = isFolder ? await readdir(folder, { withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
