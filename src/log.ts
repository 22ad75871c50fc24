import { pino, stdSerializers, type DestinationStream } from 'pino';
import { standardOutput, type LogOutput } from './log-output.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The message is constant text; the facts are fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type Base = Readonly<Record<string, number>> | null;

export interface OpenedLog extends Pick<LogOutput, 'lostLines' | 'end'> {
  readonly log: Log;
}

/** On standard output; lines that nobody reads are lost, and how many is told as soon as somebody does. */
export function openLog(level: LogLevel, base: Base = null): OpenedLog {
  const output = standardOutput((lost) => {
    log.warn({ lost }, 'log lines were lost: nobody read standard output');
  });
  const log = createLog(level, output, base);
  return { log, lostLines: output.lostLines, end: output.end };
}

/** JSON lines; `base` stands in each of them. */
export function createLog(level: LogLevel, destination: DestinationStream, base: Base = null): Log {
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

export const NO_LOG: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
