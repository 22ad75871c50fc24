import { expect } from 'chai';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import {
  generateCaKey,
  issueLeaf,
  makeCaCertificate,
  type CertificateAndKey,
} from '../../../src/keys/certificate.js';
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

function hexOf(certificate: X509Certificate): string {
  return certificate.raw.toString('hex');
}

describe('certificates', () => {
  let caPair: CertificateAndKey;
  let ca: X509Certificate;

  before(async () => {
    const privateKeyPem = await generateCaKey();
    caPair = { privateKeyPem, certificatePem: makeCaCertificate(privateKeyPem, START) };
    ca = new X509Certificate(caPair.certificatePem);
  });

  describe('of the CA', () => {
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

    it('has an RSA key of 3072 bits', () => {
      expect(ca.publicKey.asymmetricKeyType).to.equal('rsa');
      expect(ca.publicKey.asymmetricKeyDetails?.modulusLength).to.equal(3072);
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
  });

  for (const [algorithm, keyType] of [
    ['ES256', 'ec'],
    ['RS256', 'rsa'],
  ] as const) {
    describe(`of a leaf for ${algorithm}`, () => {
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
