import type { JWK } from 'jose';
import {
  isRenewable,
  KeyError,
  keyFolderFingerprint,
  loadKeys,
  prepareKeys,
  rotateKeys,
  type KeyFolder,
  type LoadedKeys,
  sweepDrafts,
} from './key-folder.js';
import { publicJwk, type SigningKey } from './signing-key.js';

/** How long after `keys rotate` a running server may go on signing with the key before. */
export const ROTATION_SECONDS = 2;

export interface KeyRing {
  /** The key to sign with now. Always the same object until the next rotation. */
  readonly current: () => SigningKey;
  /** Every public key that a JWT still alive may have been signed with. */
  readonly jwks: () => Promise<{ keys: JWK[] }>;
  /** What is wrong with the keys, as a sentence for the operator; null when nothing is. */
  readonly problem: () => string | null;
  /** Signing keys in the folder that cannot be used, which is no reason not to use the others. */
  readonly damaged: () => readonly string[];
  readonly caNotAfter: () => Date;
  readonly caFingerprint: () => string;
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

  async function keepUp(): Promise<void> {
    const before = loaded.keys[0];
    const hasChanged = (await keyFolderFingerprint(folder.dir)) !== loaded.fingerprint;
    // What is wrong with a damaged file may be put right without another name.
    if (hasChanged || loaded.damaged.length > 0) {
      loaded = withSameKey(before, await loadKeys(folder));
    }
    if (isRenewable(loaded, folder)) {
      loaded = await rotateKeys(folder);
    }
    if (loaded.keys[0].libtrustKid !== before.libtrustKid) {
      events.rotated(loaded.keys[0]);
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
    current: () => loaded.keys[0],
    jwks: async () => ({ keys: await Promise.all(loaded.keys.map(publicJwk)) }),
    problem() {
      const { notAfter } = loaded.keys[0];
      return notAfter <= folder.now()
        ? `the signing key expired on ${notAfter.toISOString()}`
        : null;
    },
    damaged: () => loaded.damaged,
    caNotAfter: () => loaded.caNotAfter,
    caFingerprint: () => loaded.caFingerprint,
    close() {
      clearInterval(timer);
    },
  };
}

/** What was made of a key, such as JWTs that are handed out again, is kept by the object. */
function withSameKey(before: SigningKey, loaded: LoadedKeys): LoadedKeys {
  const [current, ...others] = loaded.keys;
  return current.libtrustKid === before.libtrustKid
    ? { ...loaded, keys: [before, ...others] }
    : loaded;
}
