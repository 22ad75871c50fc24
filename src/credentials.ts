import { createHmac, hash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { CredentialFault } from './access/credential.js';

/** 24 bytes are 192 random bits and exactly 32 URL-safe characters. */
const GENERATED_BYTES = 24;
const HIDDEN = '[secret]';

/** A credential in clear text. However it is logged it prints as `[secret]`; `reveal` has to be asked for. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  static generate(prefix = ''): Secret {
    return new Secret(prefix + randomBytes(GENERATED_BYTES).toString('base64url'));
  }

  reveal(): string {
    return this.#value;
  }

  isEmpty(): boolean {
    return this.#value === '';
  }

  startsWith(prefix: string): boolean {
    return prefix !== '' && this.#value.startsWith(prefix);
  }

  /** What the database keeps: 32 bytes of SHA-256. Generated secrets are random, so it needs no salt. */
  digest(): Buffer {
    return Buffer.from(this.digestText(), 'base64');
  }

  /** The digest in base64, in which form OpenSSL's answer costs Node a third, and a Map takes it for a key. */
  digestText(): string {
    return hash('sha256', this.#value, 'base64');
  }

  /** For secrets that people chose: without the key nobody can try them out on it. */
  keyedDigest(key: Buffer, ...context: readonly string[]): string {
    const text = JSON.stringify([...context, this.#value]);
    return createHmac('sha256', key).update(text).digest('base64');
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** What a caller presented, before anyone has checked it. */
export interface Credentials {
  readonly username: string;
  readonly secret: Secret;
}

/** What a caller presented, and nothing could accept as it is. */
export interface FaultyCredentials {
  readonly fault: CredentialFault;
  /** What they are without the line break at their end; null where that is not all that is wrong. */
  readonly trimmed: Credentials | null;
}

export type PresentedCredentials = Credentials | FaultyCredentials;

export function isFaulty(presented: PresentedCredentials): presented is FaultyCredentials {
  return 'fault' in presented;
}

const CONTROL = /\p{Cc}/u;
const LINE_BREAKS_AT_END = /[\r\n]+$/;

/** Takes a username and a secret as they came, decoded. */
export function presentCredentials(username: string, secret: string): PresentedCredentials {
  if (!CONTROL.test(username) && !CONTROL.test(secret)) {
    return { username, secret: new Secret(secret) };
  }
  const trimmed = presentTrimmed(username, secret);
  return { fault: trimmed === null ? 'control_character' : 'line_break', trimmed };
}

function presentTrimmed(username: string, secret: string): Credentials | null {
  const [name, value] = [username, secret].map((text) => text.replace(LINE_BREAKS_AT_END, ''));
  return name === undefined || value === undefined || CONTROL.test(name) || CONTROL.test(value)
    ? null
    : { username: name, secret: new Secret(value) };
}
