/** A CA with an RSA key, as versions before the P-256 CA made it. */

import { generateKeyPair } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCaCertificate } from '../../src/keys/certificate.js';

/** Theirs had 3072 bits; a key of 2048 is made sooner, and nothing else differs. */
export async function newRsaKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Makes `ca.key` and `ca.crt` in a certs folder that has neither. */
export async function writeRsaCa(dir: string, now: Date): Promise<void> {
  const privateKeyPem = await newRsaKey();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'ca.key'), privateKeyPem, { mode: 0o600 });
  await writeFile(join(dir, 'ca.crt'), makeCaCertificate(privateKeyPem, now));
}
