/** One Git LFS object on its way: a stream, whose memory is flat and whose client has a budget of time. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../access/errors.js';
import { watchAccess } from './access-watch.js';
import { watchProgress, type ProgressLimits } from './progress.js';
import type { TakeSlot } from './slots.js';

export interface TransferOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly limits: ProgressLimits;
  readonly takeSlot: TakeSlot;
  /** Whose place it is. */
  readonly who: string;
  /** Throws an AppError once the caller may do this no longer. */
  readonly requireAccess: () => Promise<void>;
}

type Moved = (bytes: number) => void;

/** Sends what `open` gives once there is a place; cut off when the client is too slow or loses access. */
export async function sendObject(options: TransferOptions, open: () => Readable): Promise<void> {
  const { response } = options;
  await inPlace(options, async () => {
    // It may have waited for minutes.
    await options.requireAccess();
    const object = open();
    await watched(
      options,
      { isClientAwaited: () => response.writableNeedDrain, end: () => object.destroy(lateError()) },
      async (moved) => {
        object.on('data', (chunk: Buffer) => {
          moved(chunk.length);
        });
        await pipeline(object, response);
      },
    );
  });
}

/**
 * Hands the body to `take`. Whatever goes wrong, the request itself is left alone, so that its answer can
 * still be sent.
 */
export async function receiveObject(
  options: TransferOptions,
  take: (body: Readable, moved: Moved) => Promise<void>,
): Promise<void> {
  const { request } = options;
  await inPlace(options, async () => {
    const body = new PassThrough();
    request.once('close', () => {
      if (!request.complete) {
        body.destroy(lateError());
      }
    });
    await watched(
      options,
      {
        isClientAwaited: () => !request.complete && request.readableLength === 0,
        end: () => body.destroy(lateError()),
      },
      async (moved) => {
        try {
          await take(request.pipe(body), moved);
        } finally {
          request.unpipe(body);
        }
      },
    );
  });
}

async function inPlace(
  { response, takeSlot, who }: TransferOptions,
  work: () => Promise<void>,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const release = await takeSlot(gone.signal, who);
  try {
    await work();
  } finally {
    release();
  }
}

async function watched(
  { limits, requireAccess }: TransferOptions,
  client: { readonly isClientAwaited: () => boolean; readonly end: () => void },
  work: (moved: Moved) => Promise<void>,
): Promise<void> {
  const progress = watchProgress(client, limits);
  const access = watchAccess(requireAccess, client.end);
  try {
    await work(progress.moved);
  } catch (error) {
    throw access.refusal() ?? error;
  } finally {
    progress.stop();
    access.stop();
  }
}

function lateError(): AppError {
  return new AppError('invalid_input', 'The object was cut off, or took too long on its way.');
}
