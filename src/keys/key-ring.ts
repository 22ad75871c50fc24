import type { JWK } from 'jose';
import {
  isRenewable,
  KeyError,
  keyFolderFingerprint,
  keyToSignWith,
  loadKeys,
  prepareKeys,
  rotateKeys,
  type KeyFolder,
  type LoadedKeys,
  sweepDrafts,
} from './key-folder.js';
import { isProbeToken } from './probe-token.js';
import { isValidAt, publicJwk, type SigningKey } from './signing-key.js';

/** How long after `keys rotate` a running server may go on signing with the key before. */
export const ROTATION_SECONDS = 2;

export interface KeyRing {
  /**
   * The key to sign with now; the newest when none is valid, which `problem` tells. Always the same object
   * until the next rotation.
   */
  readonly current: () => SigningKey;
  /** Every public key that a JWT still alive may have been signed with. */
  readonly jwks: () => Promise<{ keys: JWK[] }>;
  /** What is wrong with the keys, as a sentence for the operator; null when nothing is. */
  readonly problem: () => string | null;
  /** Signing keys in the folder that cannot be used, which is no reason not to use the others. */
  readonly damaged: () => readonly string[];
  readonly caNotAfter: () => Date;
  readonly caFingerprint: () => string;
  /** Whether it was signed by a process that has the same keys, to show just that. */
  readonly isProbeToken: (token: string) => Promise<boolean>;
  readonly close: () => void;
}

export interface KeyRingEvents {
  rotated(key: SigningKey): void;
  failed(error: unknown): void;
}

/**
 * Loads the keys and keeps up with their folder. A folder that is gone or damaged is reported and
 * changes nothing: the ring goes on with the keys it has.
 */
export async function openKeyRing(folder: KeyFolder, events: KeyRingEvents): Promise<KeyRing> {
  let loaded: LoadedKeys = await prepareKeys(folder);
  // A folder that cannot be written is no reason not to serve.
  await sweepDrafts(folder).catch(() => undefined);
  let busy = false;
  let lastFailure = '';
  let lastTold = current().libtrustKid;

  function current(): SigningKey {
    return keyToSignWith(loaded.leaves, folder.now()) ?? loaded.leaves[0];
  }

  async function keepUp(): Promise<void> {
    const hasChanged = (await keyFolderFingerprint(folder.dir)) !== loaded.fingerprint;
    // What is wrong with a damaged file may be put right without another name.
    if (hasChanged || loaded.damaged.length > 0) {
      loaded = withSameKeys(loaded, await loadKeys(folder));
    }
    if (isRenewable(loaded, folder)) {
      loaded = withSameKeys(loaded, await rotateKeys(folder));
    }
    const key = current();
    if (key.libtrustKid !== lastTold) {
      lastTold = key.libtrustKid;
      events.rotated(key);
    }
    if (loaded.damaged.length > 0) {
      throw new KeyError(loaded.damaged.join(' '));
    }
  }

  async function tick(): Promise<void> {
    if (busy) {
      return;
    }
    busy = true;
    try {
      await keepUp();
      lastFailure = '';
    } catch (error) {
      // The same failure every two seconds is told once.
      if (String(error) !== lastFailure) {
        lastFailure = String(error);
        events.failed(error);
      }
    } finally {
      busy = false;
    }
  }

  const timer = setInterval(() => void tick(), ROTATION_SECONDS * 1000);
  timer.unref();

  return {
    current,
    async jwks() {
      const inUse = current();
      const shown = loaded.leaves.filter((leaf) => leaf === inUse || isValidAt(leaf, folder.now()));
      return { keys: await Promise.all(shown.map(publicJwk)) };
    },
    problem: () => problemOf(loaded, folder.now()),
    damaged: () => loaded.damaged,
    caNotAfter: () => loaded.ca.notAfter,
    caFingerprint: () => loaded.caFingerprint,
    isProbeToken: async (token) => await isProbeToken(token, loaded.leaves, folder.now()),
    close() {
      clearInterval(timer);
    },
  };
}

/** What was made of a key, such as JWTs that are handed out again, is kept by the object. */
function withSameKeys(before: LoadedKeys, loaded: LoadedKeys): LoadedKeys {
  const known = new Map(before.leaves.map((leaf) => [leaf.libtrustKid, leaf]));
  const [newest, ...others] = loaded.leaves.map((leaf) => known.get(leaf.libtrustKid) ?? leaf);
  return newest === undefined ? loaded : { ...loaded, leaves: [newest, ...others] };
}

function problemOf({ leaves, ca }: LoadedKeys, now: Date): string | null {
  if (!isValidAt(ca, now)) {
    return now < ca.notBefore
      ? `the CA is valid from ${ca.notBefore.toISOString()} on: is the clock right?`
      : `the CA expired on ${ca.notAfter.toISOString()}`;
  }
  if (keyToSignWith(leaves, now) !== null) {
    return null;
  }
  const [newest] = leaves;
  return now < newest.notBefore
    ? `no signing key is valid before ${newest.notBefore.toISOString()}: is the clock right?`
    : `the signing key expired on ${newest.notAfter.toISOString()}`;
}
