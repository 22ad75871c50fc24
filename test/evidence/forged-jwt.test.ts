/** JWTs that somebody else made, shown to a stock registry that trusts our CA. */

import {
  createPrivateKey,
  createSecretKey,
  generateKeyPairSync,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  decodeJwt,
  exportJWK,
  SignJWT,
  UnsecuredJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { issueLeaf } from '../../src/keys/certificate.js';
import { loadKeys, prepareKeys } from '../../src/keys/key-folder.js';
import { signRegistryToken, type RegistryTokenClaims } from '../../src/keys/registry-token.js';
import type { SigningKey } from '../../src/keys/signing-key.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { temporaryFolder } from '../support/run.js';
import { send, SERVICE } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';

describeWithEachRegistry('a stock registry, shown forged JWTs', function (stock) {
  this.timeout(60_000);
  let installation: Installation;
  let genuine: SigningKey;
  /** What a JWT of ours says. */
  let payload: JWTPayload;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    const dir = join(installation.folder, 'certs');
    genuine = (await loadKeys({ dir, algorithm: 'ES256', now: () => new Date() })).keys[0];
    payload = decodeJwt(signRegistryToken(genuine, claims()));
  });

  after(async () => {
    await installation.stop();
  });

  /** 404 tells that the registry let it in: there is no image. */
  async function statusWith(jwt: string): Promise<number> {
    const answer = await send(`http://${installation.host}`, {
      method: 'GET',
      target: `/v2/${PROJECT}/manifests/1`,
      headers: { authorization: `Bearer ${jwt}` },
    });
    return answer.status;
  }

  async function signedBy(key: KeyObject, header: JWTHeaderParameters): Promise<string> {
    return await new SignJWT(payload).setProtectedHeader(header).sign(key);
  }

  it('lets in a JWT with these claims that we signed, so that the others fail for their signature', async () => {
    const jwt = signRegistryToken(genuine, claims());

    expect(await statusWith(jwt)).to.equal(404);
  });

  // Why ours have a single text there: only from version 3 on does the registry take a list.
  it('takes or refuses a list of audiences, as its version does', async () => {
    const header = { alg: genuine.algorithm, x5c: [...genuine.x5c] };
    const jwt = await new SignJWT({ ...payload, aud: [SERVICE] })
      .setProtectedHeader(header)
      .sign(genuine.privateKey);

    expect(await statusWith(jwt)).to.equal(stock.facts.statusForAudienceList);
  });

  // A registry that looks its keys up by the kid alone takes the key in the `jwk` header for ours
  // when the attacker writes our kid beside it (CVE-2025-24976): anybody signs what they like. We
  // send no such header, and the stock registry must not take one.
  it('6: is not taken in by a key of the attacker in the header, under our kid', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...(await exportJWK(publicKey)), kid: genuine.libtrustKid };

    const jwt = await signedBy(privateKey, { alg: 'RS256', kid: genuine.libtrustKid, jwk });

    expect(await statusWith(jwt)).to.equal(401);
  });

  // Our certificates are public. If the checker lets the JWT choose the algorithm, the attacker says
  // HS256 and uses the public key, as a text, for the shared secret; or says `none` and signs
  // nothing. Neither may be taken for a signature of ours.
  it('7: is not taken in by HS256 with a public key for the secret, nor by no signature', async () => {
    const ca = await readFile(join(installation.folder, 'certs', 'ca.crt'), 'utf8');
    const leaf = new X509Certificate(Buffer.from(genuine.x5c[0] ?? '', 'base64'));
    const publicTexts = [
      ca,
      leaf.toString(),
      leaf.publicKey.export({ type: 'spki', format: 'pem' }),
    ];
    const header = { alg: 'HS256', kid: genuine.libtrustKid, x5c: [...genuine.x5c] };
    const unsigned = new UnsecuredJWT(payload).encode();

    const confused = await Promise.all(
      publicTexts.map(async (text) => await signedBy(createSecretKey(Buffer.from(text)), header)),
    );

    for (const jwt of [...confused, unsigned]) {
      expect(await statusWith(jwt)).to.equal(401);
    }
  });

  // The registry trusts every certificate below ca.crt. Whoever steals the key of one leaf issues a
  // new certificate with it, and goes on after that leaf has been replaced. The leaves are marked as
  // no CA, and the registry heeds that.
  it('8: is not taken in by a certificate that was issued with the key of a leaf', async () => {
    const stolen = {
      certificatePem: new X509Certificate(Buffer.from(genuine.x5c[0] ?? '', 'base64')).toString(),
      privateKeyPem: genuine.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    const evil = await issueLeaf(stolen, 'ES256', new Date());
    const { raw } = new X509Certificate(evil.certificatePem);
    const x5c = [raw.toString('base64'), ...genuine.x5c];

    const jwt = await signedBy(createPrivateKey(evil.privateKeyPem), { alg: 'ES256', x5c });

    expect(await statusWith(jwt)).to.equal(401);
  });

  // Two teams run Pullgate with the default names, so issuer and audience of their JWTs are the same.
  // If the names were all that is compared, the one team could pull what is the other's. Each
  // registry trusts the CA of its own Pullgate alone.
  it('9: is not taken in by another Pullgate with the same issuer and service', async () => {
    const folder = await temporaryFolder('pullgate-other');
    const other = await prepareKeys({
      dir: folder.path,
      algorithm: 'ES256',
      now: () => new Date(),
    });

    const jwt = signRegistryToken(other.keys[0], claims());

    expect(await statusWith(jwt)).to.equal(401);
    await folder.remove();
  });
});

function claims(): RegistryTokenClaims {
  const issuedAt = new Date();
  return {
    issuer: 'pullgate',
    audience: SERVICE,
    subject: 'deploy-token:1',
    access: [{ type: 'repository', name: PROJECT, actions: ['pull'] }],
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + 300_000),
  };
}
