/**
 * The files of the `certs` folder:
 *
 *   ca.crt      the registry's `rootcertbundle`
 *   ca.key      signs leaves; may be kept elsewhere between rotations
 *   leaf-*.pem  private key and certificate of a signing key; the newest that is valid now is in use
 *
 * A file appears whole, under a name that did not exist, and is never written again.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  cannotWrite,
  draftIn,
  filesIn,
  KeyError,
  makeKeyFolder,
  readRequired,
  writeOnce,
} from './key-files.js';
import type { CertificateAndKey, SigningAlgorithm } from './certificate.js';
import { leafFiles, leafTime, publishLeaf, readLeaves } from './leaf-files.js';
import { isValidAt, parseSigningKey, type SigningKey, type Validity } from './signing-key.js';

export { KeyError } from './key-files.js';

export const CA_CERTIFICATE = 'ca.crt';
const CA_KEY = 'ca.key';
/** What is kept of the folder in a backup. */
export const KEY_FILE = /^(?:ca\.crt|ca\.key|leaf-\d{8}T\d{9}Z-(?:es256|rs256)\.pem)$/;

/** Leaves with less life than this are renewed by a server that finds the CA's key. */
const RENEW_BEFORE_MS = 60 * 24 * 60 * 60 * 1000;
/** Longer than any JWT lives: a leaf out of use for this long has signed nothing that still counts. */
const KEEP_RETIRED_MS = 2 * 60 * 60 * 1000;
const WHAT_NOW =
  'Put that certs folder back. If it is lost, or meant to be new: run `pullgate keys create`, give the ' +
  'registry this ca.crt and restart it, then run `pullgate keys accept-ca`.';
const CA_WAIT_MS = 3000;
const DRAFT = /\.[0-9a-f]{12}\.tmp$/;
/** Far longer than another process takes to write one. */
const DRAFT_MS = 60 * 60 * 1000;

export type AtLeastOne<T> = readonly [T, ...T[]];

export interface LoadedKeys {
  /** Those valid when they were loaded, newest first: the first one signs. */
  readonly keys: AtLeastOne<SigningKey>;
  /** Newest first, with those that have ended and those to come: the clock that says so may be wrong. */
  readonly leaves: AtLeastOne<SigningKey>;
  readonly ca: Validity;
  /** Whether a new leaf can be issued here. */
  readonly hasCaKey: boolean;
  /** Of the certificate that the registry is given. */
  readonly caFingerprint: string;
  /** Signing keys that cannot be used, as sentences for the operator. */
  readonly damaged: readonly string[];
  /** Changes when the files do. */
  readonly fingerprint: string;
}

export interface KeyFolder {
  readonly dir: string;
  readonly algorithm: SigningAlgorithm;
  readonly now: () => Date;
  /** The fingerprint of the CA that the registry trusts: no other one is made or used. */
  readonly knownCa?: string | null;
}

/** Makes what is missing and can be made, then loads; throws a KeyError that says what to do. */
export async function prepareKeys(folder: KeyFolder): Promise<LoadedKeys> {
  await makeCaIfAbsent(folder);
  const loaded = await tryLoad(folder);
  const isGood =
    loaded !== null &&
    loaded.keys[0].algorithm === folder.algorithm &&
    !isRenewable(loaded, folder);
  const ca = isGood ? null : await readCa(folder);
  if (ca !== null) {
    await (await draftLeaf(folder, ca)).publish();
  }
  return await loadKeys(folder);
}

/** Makes nothing; throws a KeyError when there is no leaf to sign with. */
export async function loadKeys(folder: KeyFolder): Promise<LoadedKeys> {
  await requireCa(folder);
  const loaded = await tryLoad(folder);
  if (loaded === null) {
    throw new KeyError(
      `${folder.dir} holds no valid signing key under its ${CA_CERTIFICATE}, and no ${CA_KEY} to issue one with. ` +
        `Put the CA's key back for a moment and run: pullgate keys rotate`,
    );
  }
  return loaded;
}

/** A new CA is trusted by no registry yet, so that it must never come to be by the way. */
async function requireCa({ dir }: KeyFolder): Promise<void> {
  if (!(await filesIn(dir)).includes(CA_CERTIFICATE)) {
    throw new KeyError(
      `There is no ${join(resolve(dir), CA_CERTIFICATE)}, so no keys. Run this in the folder of the ` +
        'service, or let PULLGATE_CONFIG name its configuration file. The service makes keys at its first ' +
        'start, `pullgate keys create` without it.',
    );
  }
}

/** Drafts of a process that was killed while it wrote them, some of which hold private keys. */
export async function sweepDrafts({ dir }: Pick<KeyFolder, 'dir'>): Promise<void> {
  const before = Date.now() - DRAFT_MS;
  for (const name of (await readdir(dir)).filter((one) => DRAFT.test(one))) {
    const draft = join(dir, name);
    const { mtimeMs } = await stat(draft).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < before) {
      await rm(draft, { force: true });
    }
  }
}

/** Into a folder that has none of them; whose they are and who may read them stays as it was. */
export async function copyKeys(from: string, to: string): Promise<void> {
  await makeKeyFolder(to);
  for (const file of (await filesIn(from)).filter((name) => KEY_FILE.test(name))) {
    const mode = file === CA_CERTIFICATE ? 0o644 : 0o600;
    await writeOnce(join(to, file), await readRequired(join(from, file)), mode);
  }
}

/** A new signing key, which nobody signs with before it is published. */
export interface IssuedKey {
  readonly key: SigningKey;
  /** Running servers pick it up by themselves; drops those long retired. */
  readonly publish: () => Promise<LoadedKeys>;
}

/** To be published or left: what is on the disk of it is not read, and is swept away some day. */
export async function issueKey(folder: KeyFolder): Promise<IssuedKey> {
  await requireCa(folder);
  const ca = await readCa(folder);
  if (ca === null) {
    throw new KeyError(
      `${join(folder.dir, CA_KEY)} is not there: a new signing key needs the CA's key beside ${CA_CERTIFICATE}.`,
    );
  }
  const { pem, publish } = await draftLeaf(folder, ca);
  const key = parseSigningKey(pem, new X509Certificate(ca.certificatePem));
  if (key === null) {
    throw new KeyError(`${join(folder.dir, CA_KEY)} made a key that its CA does not vouch for.`);
  }
  return {
    key,
    async publish() {
      await publish();
      await dropRetired(folder);
      return await loadKeys(folder);
    },
  };
}

export async function rotateKeys(folder: KeyFolder): Promise<LoadedKeys> {
  const { publish } = await issueKey(folder);
  return await publish();
}

/** Cheap enough to be asked every few seconds. */
export async function keyFolderFingerprint(dir: string): Promise<string> {
  return fingerprintOf(await readdir(dir));
}

function fingerprintOf(files: readonly string[]): string {
  return [...leafFiles(files), ...files.filter((file) => file === CA_KEY)].join();
}

/** Null when none is valid at that instant. */
export function keyToSignWith(leaves: readonly SigningKey[], instant: Date): SigningKey | null {
  return leaves.find((leaf) => isValidAt(leaf, instant)) ?? null;
}

/**
 * Whether there is no key to sign with, or the one in use is near its end; and a new leaf can be issued that
 * would live longer.
 */
export function isRenewable(
  { leaves, ca, hasCaKey }: Pick<LoadedKeys, 'leaves' | 'ca' | 'hasCaKey'>,
  { now }: KeyFolder,
): boolean {
  const instant = now();
  const inUse = keyToSignWith(leaves, instant);
  if (!hasCaKey || !isValidAt(ca, instant)) {
    return false;
  }
  const soon = instant.getTime() + RENEW_BEFORE_MS;
  return inUse === null || (inUse.notAfter.getTime() < soon && ca.notAfter.getTime() > soon);
}

/** Null when there is no leaf to sign with, and none that is damaged. */
async function tryLoad({ dir, now, knownCa = null }: KeyFolder): Promise<LoadedKeys | null> {
  const certificate = parseCa(dir, await readRequired(join(dir, CA_CERTIFICATE)));
  if (knownCa !== null && knownCa !== certificate.fingerprint256) {
    throw new KeyError(
      `${join(resolve(dir), CA_CERTIFICATE)} is another CA than the one that this database was used with, ` +
        `so that the registry would refuse every JWT. ${WHAT_NOW}`,
    );
  }
  const ca = requireValid(join(dir, CA_CERTIFICATE), certificate, now());
  const files = await readdir(dir);
  const { leaves: found, damaged } = await readLeaves(dir, files, certificate);
  const leaves = found.map(({ key }) => key);
  const keys = leaves.filter((leaf) => isValidAt(leaf, now()));
  if (isAtLeastOne(keys) && isAtLeastOne(leaves)) {
    return {
      keys,
      leaves,
      ca,
      hasCaKey: files.includes(CA_KEY),
      caFingerprint: certificate.fingerprint256,
      damaged,
      fingerprint: fingerprintOf(files),
    };
  }
  if (damaged[0] !== undefined) {
    throw new KeyError(damaged[0]);
  }
  return null;
}

function isAtLeastOne<T>(list: readonly T[]): list is AtLeastOne<T> {
  return list.length > 0;
}

function requireValid(file: string, { validFrom, validTo }: X509Certificate, now: Date): Validity {
  const ca = { notBefore: new Date(validFrom), notAfter: new Date(validTo) };
  const anew =
    'Move ca.crt, ca.key and leaf-*.pem away, run `pullgate keys create`, give the registry the new ca.crt ' +
    'and restart it, run `pullgate keys accept-ca`, and start again.';
  if (ca.notAfter <= now) {
    throw new KeyError(`${file} expired on ${validTo}. ${anew}`);
  }
  if (now < ca.notBefore) {
    throw new KeyError(
      `${file} is valid from ${validFrom} on, and the clock of this host says ${now.toISOString()}. ` +
        `Set the clock right. If the certificate was made while it was ahead: ${anew}`,
    );
  }
  return ca;
}

async function makeCaIfAbsent({ dir, now, knownCa = null }: KeyFolder): Promise<void> {
  try {
    const files = await filesIn(dir);
    if (files.includes(CA_CERTIFICATE)) {
      return;
    }
    if (knownCa !== null) {
      throw new KeyError(
        `There is no ${join(resolve(dir), CA_CERTIFICATE)}, and the registry trusts the CA that this ` +
          `database was used with. ${WHAT_NOW}`,
      );
    }
    await makeKeyFolder(dir);
    // Not at every start: it comes with node-forge, and is needed once a year.
    const { generateCaKey, makeCaCertificate } = await import('./certificate.js');
    // Replicas that start together race for ca.key; the losers wait for the winner's certificate,
    // and finish its work should it have died in between.
    const won =
      !files.includes(CA_KEY) && (await writeOnce(join(dir, CA_KEY), await generateCaKey(), 0o600));
    if (won || !(await appears(dir, CA_CERTIFICATE))) {
      const caKey = await readRequired(join(dir, CA_KEY));
      await writeOnce(join(dir, CA_CERTIFICATE), makeCaCertificate(caKey, now()), 0o644);
    }
  } catch (error) {
    throw error instanceof KeyError ? error : cannotWrite(dir, error);
  }
}

async function appears(dir: string, name: string): Promise<boolean> {
  for (let waited = 0; waited < CA_WAIT_MS; waited += 100) {
    if ((await readdir(dir)).includes(name)) {
      return true;
    }
    await delay(100);
  }
  return false;
}

async function readCa({ dir }: KeyFolder): Promise<CertificateAndKey | null> {
  if (!(await readdir(dir)).includes(CA_KEY)) {
    return null;
  }
  const certificatePem = await readRequired(join(dir, CA_CERTIFICATE));
  const privateKeyPem = await readRequired(join(dir, CA_KEY));
  // A leaf signed with another key would be trusted by nobody, least of all by ourselves.
  if (!isKeyOf(parseCa(dir, certificatePem), privateKeyPem)) {
    throw new KeyError(
      `${join(dir, CA_KEY)} is not the private key of ${CA_CERTIFICATE} beside it.`,
    );
  }
  return { certificatePem, privateKeyPem };
}

function parseCa(dir: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new KeyError(
      `${join(dir, CA_CERTIFICATE)} is damaged: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

function isKeyOf(certificate: X509Certificate, privateKeyPem: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKeyPem));
  } catch {
    return false;
  }
}

interface DraftedLeaf {
  readonly pem: string;
  readonly publish: () => Promise<void>;
}

async function draftLeaf(folder: KeyFolder, ca: CertificateAndKey): Promise<DraftedLeaf> {
  const { dir, algorithm, now } = folder;
  const { issueLeaf } = await import('./certificate.js');
  const leaf = await issueLeaf(ca, algorithm, now());
  const pem = leaf.privateKeyPem + leaf.certificatePem;
  try {
    const draft = await draftIn(dir, pem, 0o600);
    return {
      pem,
      async publish() {
        try {
          await publishLeaf(dir, draft, { algorithm, at: now() });
        } catch (error) {
          throw cannotWrite(dir, error);
        } finally {
          await draft.end();
        }
      },
    };
  } catch (error) {
    throw cannotWrite(dir, error);
  }
}

/** Those that have ended and were not in use lately: a leaf was retired when the one after it was made. */
async function dropRetired({ dir, now }: KeyFolder): Promise<void> {
  const ca = parseCa(dir, await readRequired(join(dir, CA_CERTIFICATE)));
  const { leaves } = await readLeaves(dir, await readdir(dir), ca);
  const retired = leaves.slice(1).filter(({ key }, index) => {
    const successor = leaves[index];
    const hasEnded = !isValidAt(key, now()) && key.notBefore < now();
    return (
      hasEnded &&
      successor !== undefined &&
      now().getTime() - leafTime(successor.file) > KEEP_RETIRED_MS
    );
  });
  for (const { file } of retired) {
    // Another replica may be doing the same.
    await rm(join(dir, file), { force: true });
  }
}
