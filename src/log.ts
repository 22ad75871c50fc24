import { pino, stdSerializers, type DestinationStream } from 'pino';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The message is constant text; the facts are fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** JSON lines, on standard output unless told otherwise; `base` stands in each of them. */
export function createLog(
  level: LogLevel,
  destination: DestinationStream = byTurn(pino.destination({ dest: 1, sync: true })),
  base: Readonly<Record<string, number>> | null = null,
): Log {
  const now = timestamps();
  const options = {
    level,
    base,
    timestamp: () => `,"time":"${now()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err },
  };
  const logger = pino(options, destination);
  return {
    debug(fields, message) {
      logger.debug(fields, message);
    },
    info: logger.isLevelEnabled('info') ? infoLines(logger, { destination, base, now }) : nothing,
    warn(fields, message) {
      logger.warn(fields, message);
    },
    error(fields, message) {
      logger.error(fields, message);
    },
  };
}

/**
 * The lines that pino would write, of which each request gets one: see
 * docs/decisions/0025-info-lines-by-json-stringify.md. What pino is needed for, errors and their causes,
 * is told at the other levels.
 */
function infoLines(
  logger: Log,
  {
    destination,
    base,
    now,
  }: {
    readonly destination: DestinationStream;
    readonly base: object | null;
    readonly now: () => string;
  },
): Log['info'] {
  const more = base === null ? '' : `,${JSON.stringify(base).slice(1, -1)}`;
  return (fields, message) => {
    const members = membersOf(fields);
    if (members === null) {
      logger.info(fields, message);
      return;
    }
    const comma = members === '' ? '' : ',';
    destination.write(
      `{"level":"info","time":"${now()}"${more}${comma}${members},"msg":${JSON.stringify(message)}}\n`,
    );
  };
}

/** Null for what JSON cannot say, a bigint or an object that holds itself: pino finds words for it. */
function membersOf(fields: object): string | null {
  try {
    return JSON.stringify(fields).slice(1, -1);
  } catch {
    return null;
  }
}

/** In RFC 3339, made once a millisecond, in which a busy server writes dozens of lines. */
function timestamps(): () => string {
  let madeAt = NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== madeAt) {
      madeAt = now;
      text = new Date(now).toISOString();
    }
    return text;
  };
}

/** What Linux writes to a pipe in one piece, whatever other processes write to it (`PIPE_BUF`). */
const ATOMIC_BYTES = 4096;

/**
 * Writes the lines of one turn of the event loop together, in the same turn: a system call for each line
 * costs a busy server more than making the line. An exit, by an error nobody caught too, writes what is
 * left; only a process that is killed takes the lines of its last turn with it.
 */
function byTurn(destination: DestinationStream): DestinationStream {
  let lines: string[] = [];
  /** In characters: how many bytes they take is asked when they are written. */
  let length = 0;
  let isScheduled = false;
  function writeLines(): void {
    isScheduled = false;
    const waiting = lines;
    if (waiting.length === 0) {
      return;
    }
    lines = [];
    length = 0;
    const text = waiting.join('');
    const pieces = Buffer.byteLength(text) <= ATOMIC_BYTES ? [text] : waiting;
    for (const piece of pieces) {
      destination.write(piece);
    }
  }
  process.once('exit', writeLines);
  return {
    write(line) {
      // Workers share the pipe, and no line of theirs may land within one of ours.
      if (length > 0 && length + line.length > ATOMIC_BYTES) {
        writeLines();
      }
      lines.push(line);
      length += line.length;
      if (!isScheduled) {
        isScheduled = true;
        setImmediate(writeLines);
      }
    },
  };
}

export const NO_LOG: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
