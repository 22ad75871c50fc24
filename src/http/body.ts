import type { IncomingMessage } from 'node:http';
import { AppError } from '../access/errors.js';

/** Of small forms: one that takes longer is held open on purpose. */
const DEADLINE_MS = 15_000;

export interface BodyOptions {
  readonly deadlineMs?: number;
  /** What it throws ends the reading. */
  readonly arrived?: (bytes: number) => void;
}

/**
 * Reads a request body whole. Throws `too_large` past the limit without reading on; the connection is
 * then closed by the answer, since the rest of the body is still on its way.
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  { deadlineMs = DEADLINE_MS, arrived = () => {} }: BodyOptions = {},
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length'] ?? 0) > limit) {
    throw tooLarge(limit);
  }
  // `for await` would destroy the socket on the way out, and with it the answer.
  return await new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      reject(new AppError('invalid_input', 'The request body took too long to arrive.'));
    }, deadlineMs);
    request.on('close', () => {
      clearTimeout(deadline);
    });
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      try {
        if (size > limit) {
          throw tooLarge(limit);
        }
        arrived(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        request.pause();
        reject(error);
      }
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', (error) => {
      reject(
        new AppError('invalid_input', 'The request ended before its body did.', { cause: error }),
      );
    });
  });
}

function tooLarge(limit: number): AppError {
  return new AppError('too_large', `The request body has more than ${limit} bytes.`);
}
