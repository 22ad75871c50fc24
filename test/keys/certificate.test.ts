import { expect } from 'chai';
import { execFile } from 'node:child_process';
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { importX509, jwtVerify, SignJWT } from 'jose';
import {
  generateCaKey,
  issueLeaf,
  makeCaCertificate,
  type CertificateAndKey,
} from '../../src/keys/certificate.js';
import { newRsaKey } from '../support/rsa-ca.js';
import { DAY, HOUR, later, START } from './certs-folder.js';

// Whole extensions in DER, since node:crypto tells no keyUsage: OID, critical, value.
const KEY_USAGE = {
  certSignAndCrlSign: '0603551d0f0101ff040403020106',
  digitalSignature: '0603551d0f0101ff040403020780',
};
const BASIC_CONSTRAINTS = {
  caWithoutCasBelow: '0603551d130101ff040830060101ff020100',
  noCa: '0603551d130101ff04023000',
};

const SUBJECT_KEY_IDENTIFIER = /0603551d0e04160414([0-9a-f]{40})/;
const AUTHORITY_KEY_IDENTIFIER = /0603551d23041830168014([0-9a-f]{40})/;
/** Whole AlgorithmIdentifiers; each stands in a certificate twice. */
const SIGNATURE_ALGORITHM = {
  'P-256': /300a06082a8648ce3d040302/g,
  RSA: /300d06092a864886f70d01010b0500/g,
};

function hexOf(certificate: X509Certificate): string {
  return certificate.raw.toString('hex');
}

/** RFC 5280, 4.2.1.2, method 1. */
function keyIdentifierOf(publicKey: KeyObject): string {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const bits =
    publicKey.asymmetricKeyType === 'rsa'
      ? publicKey.export({ type: 'pkcs1', format: 'der' })
      : Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return createHash('sha1').update(bits).digest('hex');
}

/** What `openssl verify` prints of a leaf, or of the CA itself. */
async function opensslVerify(ca: string, certificate: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-openssl-'));
  try {
    const [caFile, file] = [join(folder, 'ca.crt'), join(folder, 'certificate.pem')];
    await writeFile(caFile, ca);
    await writeFile(file, certificate);
    const time = String(START.getTime() / 1000);
    const flags = ['-x509_strict', '-check_ss_sig', '-attime', time, '-CAfile', caFile];
    const { stdout } = await promisify(execFile)('openssl', ['verify', ...flags, file]);
    return stdout.replace(file, '').trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('a new CA', () => {
  it('has a P-256 key', async () => {
    const key = createPublicKey(await generateCaKey());

    expect(key.asymmetricKeyType).to.equal('ec');
    expect(key.asymmetricKeyDetails).to.deep.equal({ namedCurve: 'prime256v1' });
  });
});

// Earlier versions made RSA CAs, which go on issuing leaves.
for (const [caKind, newKey] of [
  ['P-256', generateCaKey],
  ['RSA', newRsaKey],
] as const) {
  describe(`a CA with a ${caKind} key`, () => {
    let caPair: CertificateAndKey;
    let ca: X509Certificate;

    before(async () => {
      const privateKeyPem = await newKey();
      caPair = { privateKeyPem, certificatePem: makeCaCertificate(privateKeyPem, START) };
      ca = new X509Certificate(caPair.certificatePem);
    });

    it('is a CA, for certificates alone and with no CA below it', () => {
      expect(ca.ca).to.equal(true);
      expect(hexOf(ca)).to.include(BASIC_CONSTRAINTS.caWithoutCasBelow);
      expect(hexOf(ca)).to.include(KEY_USAGE.certSignAndCrlSign);
    });

    it('is signed by itself, with its own key', () => {
      expect(ca.subject).to.match(/^CN=Pullgate token CA [0-9a-f]{8}$/);
      expect(ca.issuer).to.equal(ca.subject);
      expect(ca.checkIssued(ca)).to.equal(true);
      expect(ca.verify(ca.publicKey)).to.equal(true);
      expect(ca.checkPrivateKey(createPrivateKey(caPair.privateKeyPem))).to.equal(true);
    });

    it('names its signature algorithm as the RFC of the algorithm has it', () => {
      expect(hexOf(ca).match(SIGNATURE_ALGORITHM[caKind])).to.have.lengthOf(2);
    });

    it('is found by the SHA-1 of its public key', () => {
      expect(SUBJECT_KEY_IDENTIFIER.exec(hexOf(ca))?.[1]).to.equal(keyIdentifierOf(ca.publicKey));
    });

    it('has a positive serial number of 16 bytes', () => {
      expect(ca.serialNumber).to.match(/^01[0-9A-F]{30}$/);
    });

    it('is accepted by openssl', async () => {
      expect(await opensslVerify(ca.toString(), ca.toString())).to.equal(': OK');
    });

    it('lives for twenty years, since changing it means restarting registries', () => {
      expect(new Date(ca.validTo)).to.deep.equal(later(START, 20 * 365.25 * DAY));
    });

    it('is valid already for a registry whose clock is an hour behind', () => {
      expect(new Date(ca.validFrom)).to.deep.equal(later(START, -HOUR));
    });

    it('has another name and number than the one before, even of the same key', () => {
      const other = new X509Certificate(makeCaCertificate(caPair.privateKeyPem, START));

      expect(other.subject).not.to.equal(ca.subject);
      expect(other.serialNumber).not.to.equal(ca.serialNumber);
    });

    for (const [algorithm, keyType] of [
      ['ES256', 'ec'],
      ['RS256', 'rsa'],
    ] as const) {
      describe(`and its leaf for ${algorithm}`, () => {
        let leafPair: CertificateAndKey;
        let leaf: X509Certificate;

        before(async () => {
          leafPair = await issueLeaf(caPair, algorithm, START);
          leaf = new X509Certificate(leafPair.certificatePem);
        });

        it('is issued and signed by the CA', () => {
          expect(leaf.issuer).to.equal(ca.subject);
          expect(leaf.checkIssued(ca)).to.equal(true);
          expect(leaf.verify(ca.publicKey)).to.equal(true);
        });

        it('says which key signed it, and how', () => {
          const [, identifier] = AUTHORITY_KEY_IDENTIFIER.exec(hexOf(leaf)) ?? [];

          expect(identifier).to.equal(keyIdentifierOf(ca.publicKey));
          expect(hexOf(leaf).match(SIGNATURE_ALGORITHM[caKind])).to.have.lengthOf(2);
        });

        it('is accepted by openssl', async () => {
          expect(await opensslVerify(ca.toString(), leaf.toString())).to.equal(': OK');
        });

        it('is read by jose, and verifies what its key signed', async () => {
          const jwt = await new SignJWT({ sub: 'deploy-token:7' })
            .setProtectedHeader({ alg: algorithm })
            .sign(createPrivateKey(leafPair.privateKeyPem));

          const verified = await jwtVerify(jwt, await importX509(leaf.toString(), algorithm));

          expect(verified.payload).to.deep.equal({ sub: 'deploy-token:7' });
        });

        it('is no CA and may sign data alone', () => {
          expect(leaf.ca).to.equal(false);
          expect(hexOf(leaf)).to.include(BASIC_CONSTRAINTS.noCa);
          expect(hexOf(leaf)).to.include(KEY_USAGE.digitalSignature);
        });

        it('belongs to its private key', () => {
          expect(leaf.checkPrivateKey(createPrivateKey(leafPair.privateKeyPem))).to.equal(true);
          expect(leaf.subject).to.equal('CN=Pullgate token signing');
        });

        it(`has a key that ${algorithm} takes`, () => {
          const key = createPublicKey(leafPair.certificatePem);
          const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};

          expect(key.asymmetricKeyType).to.equal(keyType);
          expect(namedCurve ?? modulusLength).to.equal(keyType === 'ec' ? 'prime256v1' : 2048);
        });

        it('lives for a year, and began an hour ago', () => {
          expect(new Date(leaf.validFrom)).to.deep.equal(later(START, -HOUR));
          expect(new Date(leaf.validTo)).to.deep.equal(later(START, 365 * DAY));
        });

        it('never outlives the CA', async () => {
          const nearTheEnd = later(new Date(ca.validTo), -10 * DAY);

          const last = await issueLeaf(caPair, algorithm, nearTheEnd);

          expect(new X509Certificate(last.certificatePem).validTo).to.equal(ca.validTo);
        });

        it('has another key and number than the one before', async () => {
          const next = await issueLeaf(caPair, algorithm, START);
          const certificate = new X509Certificate(next.certificatePem);

          expect(certificate.serialNumber).not.to.equal(leaf.serialNumber);
          expect(certificate.publicKey.equals(leaf.publicKey)).to.equal(false);
        });

        it('has a positive serial number of 16 bytes', () => {
          expect(leaf.serialNumber).to.match(/^01[0-9A-F]{30}$/);
        });
      });
    }
  });
}
