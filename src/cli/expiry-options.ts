import { Option, type Command } from 'commander';
import { dayIn } from '../access/expiry.js';
import { expiryDate, expiryDays } from './arguments.js';

export interface ExpiryOptions {
  readonly expiresAt?: Date;
  readonly expiresIn?: number;
}

/** When a new token ends: one of them, or neither for never. */
export function expiryOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--expires-at <date>',
        'YYYY-MM-DD: refused from 00:00 UTC of that date',
      ).argParser(expiryDate),
    )
    .addOption(
      new Option('--expires-in <time>', 'such as 90d or 12w: refused from 00:00 UTC of that day')
        .argParser(expiryDays)
        .conflicts('expiresAt'),
    );
}

export function expiryOf({ expiresAt, expiresIn }: ExpiryOptions, now: Date): Date | null {
  return expiresIn === undefined ? (expiresAt ?? null) : dayIn(expiresIn, now);
}
