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
  destination?: DestinationStream,
  base: Readonly<Record<string, number>> | null = null,
): Log {
  const options = {
    level,
    base,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.err },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

export const NO_LOG: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
