import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { loadKeys, prepareKeys } from '../../src/keys/key-folder.js';
import { publicJwk, type SigningKey } from '../../src/keys/signing-key.js';
import { preparedFolder } from './certs-folder.js';

async function ecKey(): Promise<SigningKey> {
  return (await loadKeys(await preparedFolder())).keys[0];
}

async function rsaKey(): Promise<SigningKey> {
  const folder = await preparedFolder();
  folder.algorithm = 'RS256';
  return (await prepareKeys(folder)).keys[0];
}

/** RFC 7638, section 3: SHA-256 of the required members, in order and without blanks. */
function thumbprint(members: object): string {
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

describe('publicJwk', () => {
  it('has the RFC 7638 thumbprint of an EC key for its kid', async () => {
    const { kid, kty, crv, x, y } = await publicJwk(await ecKey());

    expect(kid).to.equal(thumbprint({ crv, kty, x, y }));
  });

  it('has the RFC 7638 thumbprint of an RSA key for its kid', async () => {
    const { kid, kty, n, e } = await publicJwk(await rsaKey());

    expect(kid).to.equal(thumbprint({ e, kty, n }));
  });

  it('has the public members of an EC key and no others', async () => {
    const jwk = await publicJwk(await ecKey());

    expect(jwk).to.have.all.keys('kty', 'crv', 'x', 'y', 'kid', 'alg', 'use', 'x5c');
    expect(jwk).to.include({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
  });

  it('has the public members of an RSA key and no others', async () => {
    const jwk = await publicJwk(await rsaKey());

    expect(jwk).to.have.all.keys('kty', 'n', 'e', 'kid', 'alg', 'use', 'x5c');
    expect(jwk).to.include({ kty: 'RSA', alg: 'RS256', use: 'sig' });
  });
});
