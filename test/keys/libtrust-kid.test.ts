import { expect } from 'chai';
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { libtrustKid } from '../../src/keys/libtrust-kid.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The same by arithmetic: 240 bits as one number, of which every five are a digit. */
function kidByArithmetic(key: KeyObject): string {
  const spki = key.export({ type: 'spki', format: 'der' });
  const digest = createHash('sha256').update(spki).digest('hex');
  const number = BigInt(`0x${digest.slice(0, 60)}`);
  const groups = Array.from({ length: 12 }, (_, group) =>
    Array.from({ length: 4 }, (__, digit) => {
      const shift = BigInt(235 - 5 * (group * 4 + digit));
      return ALPHABET.charAt(Number((number >> shift) & 31n));
    }).join(''),
  );
  return groups.join(':');
}

describe('libtrustKid', () => {
  it('agrees with arithmetic on EC keys', () => {
    for (let i = 0; i < 100; i += 1) {
      const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

      expect(libtrustKid(publicKey)).to.equal(kidByArithmetic(publicKey));
    }
  });

  it('agrees with arithmetic on an RSA key', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

    expect(libtrustKid(publicKey)).to.equal(kidByArithmetic(publicKey));
  });

  it('is twelve groups of four letters and digits of base32', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

    expect(libtrustKid(publicKey)).to.match(/^[A-Z2-7]{4}(?::[A-Z2-7]{4}){11}$/);
  });

  it('is the same for one key and another for another', () => {
    const one = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;

    expect(libtrustKid(one)).to.equal(libtrustKid(one));
    expect(libtrustKid(one)).not.to.equal(libtrustKid(other));
  });
});
