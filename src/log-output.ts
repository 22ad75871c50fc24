/** Standard output as the log uses it: no request ever waits for whoever reads it, or does not. */

import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { pino } from 'pino';

/** What Linux writes to a pipe in one piece, whatever other processes write to it (`PIPE_BUF`). */
const ATOMIC_BYTES = 4096;
/** What waits for a reader, some ten thousand lines; past it lines are lost. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** At the end of the process, for a reader that is slow. */
const PATIENCE_MS = 1000;

export interface LogOutput {
  readonly write: (line: string) => void;
  /** Since the start of the process. */
  readonly lostLines: () => number;
  /** Waits a moment for what is left to be written. What is written afterwards is lost. */
  readonly end: () => Promise<void>;
}

/**
 * Writes in the background, by pino's own stream. `readAgain` is called once all is written, if lines were
 * lost before: with how many.
 *
 * Asking for `process.stdout` makes a pipe one that does not block: no thread waits in a write for a reader
 * that never comes, which would keep the process from ending, too.
 */
export function standardOutput(readAgain: (lost: number) => void): LogOutput {
  const { fd } = process.stdout;
  let giveUpAt = Infinity;
  let waitingBytes = 0;
  let lost = 0;
  let told = 0;
  const stream = pino.destination({
    dest: fd,
    sync: false,
    maxLength: MAX_WAITING_BYTES,
    maxWrite: ATOMIC_BYTES,
    retryEAGAIN: () => performance.now() < giveUpAt,
  });
  stream.on('drop', lose);
  stream.on('write', (bytes) => {
    waitingBytes -= bytes;
  });
  stream.on('drain', () => {
    if (lost > told) {
      const news = lost - told;
      told = lost;
      readAgain(news);
    }
  });
  // A full disk, where the output is a file: the stream tries again with the next line.
  stream.on('error', () => undefined);

  function lose(piece: string): void {
    lost += piece.split('\n').length - 1;
    waitingBytes -= Buffer.byteLength(piece);
  }

  const lines = byTurn((piece) => {
    waitingBytes += Buffer.byteLength(piece);
    if (giveUpAt === -Infinity) {
      lose(piece);
    } else {
      stream.write(piece);
    }
  });

  function writeLast(): void {
    if (giveUpAt === -Infinity) {
      return;
    }
    giveUpAt = performance.now() + PATIENCE_MS;
    try {
      stream.flushSync();
      for (const piece of lines.take()) {
        writeSync(fd, piece);
      }
    } catch {
      // Nobody reads it.
    }
    stop();
  }

  function stop(): void {
    giveUpAt = -Infinity;
    stream.destroy();
  }

  // Before pino's own, which does not expect that nobody reads.
  process.prependOnceListener('exit', writeLast);
  return {
    write: lines.add,
    lostLines: () => lost,
    async end() {
      lines.writeNow();
      if (waitingBytes > 0) {
        const signal = AbortSignal.timeout(PATIENCE_MS);
        await once(stream, 'drain', { signal }).catch(stop);
      }
      writeLast();
    },
  };
}

interface LinesOfTurn {
  readonly add: (line: string) => void;
  readonly writeNow: () => void;
  /** What would be written, which then is not. */
  readonly take: () => readonly string[];
}

/**
 * Writes the lines of one turn of the event loop together, in the same turn: a system call for each line
 * costs a busy server more than making the line. Workers share the pipe, and no line of theirs may land
 * within one of ours, so no more goes into one piece than is written in one.
 */
function byTurn(write: (piece: string) => void): LinesOfTurn {
  let lines: string[] = [];
  /** In characters: how many bytes they take is asked when they are written. */
  let length = 0;
  let isScheduled = false;

  function take(): readonly string[] {
    const waiting = lines;
    if (waiting.length === 0) {
      return waiting;
    }
    lines = [];
    length = 0;
    const text = waiting.join('');
    return Buffer.byteLength(text) <= ATOMIC_BYTES ? [text] : waiting;
  }

  function writeNow(): void {
    take().forEach(write);
  }

  function writeTurn(): void {
    isScheduled = false;
    writeNow();
  }

  return {
    take,
    writeNow,
    add(line) {
      if (length > 0 && length + line.length > ATOMIC_BYTES) {
        writeNow();
      }
      lines.push(line);
      length += line.length;
      if (!isScheduled) {
        isScheduled = true;
        setImmediate(writeTurn);
      }
    },
  };
}
