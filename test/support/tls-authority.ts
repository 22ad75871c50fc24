import { generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface TlsAuthority {
  readonly certificatePem: string;
  /** A new key and a certificate for this name and 127.0.0.1, valid for so many days. */
  readonly issue: (
    days?: number,
    host?: string,
  ) => {
    readonly certificatePem: string;
    readonly privateKeyPem: string;
  };
}

/** An authority of its own, as a company has it for its inner servers. */
export function newTlsAuthority(): TlsAuthority {
  const key = newKey();
  const name = [{ name: 'commonName', value: 'The authority of a test' }];
  const ca = newCertificate(key.public, name);
  ca.setIssuer(name);
  ca.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
  ]);
  ca.sign(key.private, forge.md.sha256.create());
  return {
    certificatePem: forge.pki.certificateToPem(ca),
    issue(days = 1, host = 'localhost') {
      const own = newKey();
      const leaf = newCertificate(own.public, [{ name: 'commonName', value: 'localhost' }]);
      leaf.validity.notAfter = new Date(Date.now() + days * DAY_MS);
      leaf.setIssuer(name);
      leaf.setExtensions([
        {
          name: 'subjectAltName',
          altNames: [
            { type: 2, value: host },
            { type: 7, ip: '127.0.0.1' },
          ],
        },
        { name: 'extKeyUsage', serverAuth: true },
      ]);
      leaf.sign(key.private, forge.md.sha256.create());
      return { certificatePem: forge.pki.certificateToPem(leaf), privateKeyPem: own.pem };
    },
  };
}

function newCertificate(
  publicKey: forge.pki.PublicKey,
  subject: forge.pki.CertificateField[],
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + DAY_MS);
  certificate.setSubject(subject);
  return certificate;
}

/** Made by node:crypto: forge takes seconds for it. */
function newKey(): {
  readonly pem: string;
  readonly private: forge.pki.rsa.PrivateKey;
  readonly public: forge.pki.rsa.PublicKey;
} {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    pem: privateKey,
    private: forge.pki.privateKeyFromPem(privateKey),
    public: forge.pki.publicKeyFromPem(publicKey),
  };
}
