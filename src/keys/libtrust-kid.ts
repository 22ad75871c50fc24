import { createHash, type KeyObject } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The key id that registry 2.8 computes: base32 of the first 30 bytes of the SHA-256 of the DER
 * SubjectPublicKeyInfo, as twelve groups of four. Source: docker/libtrust, util.go, keyIDFromCryptoKey.
 */
export function libtrustKid(publicKey: KeyObject): string {
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
  const bits = Array.from(digest.subarray(0, 30), (byte) => byte.toString(2).padStart(8, '0'));
  return bits
    .join('')
    .replaceAll(/.{5}/g, (five) => BASE32.charAt(Number.parseInt(five, 2)))
    .replaceAll(/.{4}(?=.)/g, '$&:');
}
