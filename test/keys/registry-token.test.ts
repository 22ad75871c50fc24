import { expect } from 'chai';
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { parseScopes } from '../../src/access/scope.js';
import type { SigningAlgorithm } from '../../src/keys/certificate.js';
import { prepareKeys } from '../../src/keys/key-folder.js';
import { signRegistryToken, type RegistryTokenClaims } from '../../src/keys/registry-token.js';
import type { SigningKey } from '../../src/keys/signing-key.js';
import { later, preparedFolder, START } from './certs-folder.js';

function claims(overrides: Partial<RegistryTokenClaims> = {}): RegistryTokenClaims {
  return {
    issuer: 'pullgate',
    audience: 'container_registry',
    subject: 'deploy-token:7',
    access: [{ type: 'repository', name: 'tanuki/awesome_project', actions: ['pull'] }],
    issuedAt: START,
    expiresAt: later(START, 300_000),
    ...overrides,
  };
}

for (const algorithm of ['ES256', 'RS256'] satisfies SigningAlgorithm[]) {
  describe(`signRegistryToken with ${algorithm}`, () => {
    let key: SigningKey;
    let ca: X509Certificate;

    before(async () => {
      const folder = await preparedFolder();
      folder.algorithm = algorithm;
      key = (await prepareKeys(folder)).keys[0];
      ca = new X509Certificate(await readFile(join(folder.dir, 'ca.crt')));
    });

    it('says in the header what both majors of the registry look for, and no more', async () => {
      const header = decodeProtectedHeader(signRegistryToken(key, claims()));

      expect(header).to.deep.equal({
        typ: 'JWT',
        alg: algorithm,
        kid: key.libtrustKid,
        x5c: key.x5c,
      });
    });

    it('can be checked with ca.crt alone, as the registry does', async () => {
      const token = signRegistryToken(key, claims());
      const [encoded = '', ...others] = decodeProtectedHeader(token).x5c ?? [];
      const leaf = new X509Certificate(Buffer.from(encoded, 'base64'));

      const { payload } = await jwtVerify(token, leaf.publicKey, {
        issuer: 'pullgate',
        audience: 'container_registry',
        subject: 'deploy-token:7',
        algorithms: [algorithm],
        currentDate: START,
      });

      expect(others).to.deep.equal([]);
      expect(encoded).to.match(/^[A-Za-z0-9+/]+={0,2}$/);
      expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).to.equal(true);
      expect(payload.jti).to.be.a('string');
    });

    it('is what jose makes of the same claims, the signature aside', async () => {
      const token = signRegistryToken(key, claims({ subject: 'Zoë "☃"' }));
      const { access, ...registered } = decodeJwt(token);
      const header = { typ: 'JWT', alg: algorithm, kid: key.libtrustKid, x5c: [...key.x5c] };

      const byJose = await new SignJWT({ access, ...registered })
        .setProtectedHeader(header)
        .sign(key.privateKey);

      expect(unsigned(token)).to.equal(unsigned(byJose));
      expect(signatureLength(token)).to.equal(signatureLength(byJose));
    });
  });
}

function unsigned(jwt: string): string {
  return jwt.slice(0, jwt.lastIndexOf('.'));
}

function signatureLength(jwt: string): number {
  return jwt.length - jwt.lastIndexOf('.');
}

describe('signRegistryToken', () => {
  let key: SigningKey;

  before(async () => {
    key = (await prepareKeys(await preparedFolder())).keys[0];
  });

  async function payloadOf(overrides: Partial<RegistryTokenClaims>): Promise<JWTPayload> {
    const token = signRegistryToken(key, claims(overrides));
    const payload: JWTPayload = decodeJwt(token);
    return payload;
  }

  it('has these claims and no others', async () => {
    const payload = await payloadOf({});

    expect(payload).to.have.all.keys('iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'access');
    expect(payload).to.include({
      iss: 'pullgate',
      sub: 'deploy-token:7',
      exp: START.getTime() / 1000 + 300,
      iat: START.getTime() / 1000,
    });
  });

  it('has a single text for its audience, since registry 2.8 refuses a list', async () => {
    expect(await payloadOf({})).to.have.property('aud', 'container_registry');
  });

  it('has whole seconds for its times, never later than they are', async () => {
    const payload = await payloadOf({
      issuedAt: later(START, 999),
      expiresAt: later(START, 300_999),
    });

    expect(payload).to.include({
      iat: START.getTime() / 1000,
      nbf: START.getTime() / 1000 - 10,
      exp: START.getTime() / 1000 + 300,
    });
  });

  // The clock of a registry is some seconds behind ours. A JWT that begins now has not begun there,
  // and each first pull fails, only to succeed when somebody looks. It begins a little earlier,
  // within the minute that the registry allows.
  it('is valid a little before it is issued, for registries whose clock is behind', async () => {
    const { nbf = 0, iat = 0 } = decodeJwt(signRegistryToken(key, claims()));

    expect(nbf).to.be.below(iat);
    expect(nbf).to.be.at.least(iat - 60);
  });

  it('has another jti every time', async () => {
    const tokens = await Promise.all(
      [1, 2, 3].map(async () => decodeJwt(signRegistryToken(key, claims())).jti),
    );

    expect(new Set(tokens).size).to.equal(3);
  });

  it('has the access that was granted, name and order unchanged', async () => {
    const access = [
      { type: 'repository', name: 'tanuki/b/c', actions: ['push', 'pull'] },
      { type: 'registry', name: 'catalog', actions: ['*'] },
    ];

    expect(await payloadOf({ access })).to.have.deep.property('access', access);
  });

  // A JWT with `access: [null]` makes registry 2.8 fall over a nil pointer and drop the connection;
  // an audience that is a list or a time with a fraction makes it refuse everybody. A request that
  // leads us to sign such a thing would take the registry down. The claims have one form.
  it('has a list for its access where nothing was granted: a null crashes registry 2.8', async () => {
    expect(await payloadOf({ access: [] })).to.have.deep.property('access', []);
  });

  it('has type, name and actions alone in an entry, and so no class', async () => {
    const [entry] = parseScopes(['repository(plugin):tanuki/awesome_project:pull']);
    const withClass = { type: '', name: '', actions: [], ...entry, class: 'plugin' };

    expect(await payloadOf({ access: [withClass] })).to.have.deep.property('access', [
      { type: 'repository', name: 'tanuki/awesome_project', actions: ['pull'] },
    ]);
  });
});
