/**
 * The private CA and the leaf certificates under it.
 *
 * node-forge builds the certificates. It knows no EC subject keys, so a leaf's key is put into the
 * TBSCertificate (RFC 5280, 4.1) as the SubjectPublicKeyInfo that node:crypto exports, and node:crypto
 * signs the result with the CA's RSA key.
 */

import { generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

declare module 'node-forge' {
  namespace pki {
    /** In node-forge's x509.js; its published types leave it out. */
    function getTBSCertificate(certificate: Certificate): asn1.Asn1;
  }
}

const { asn1, pki } = forge;
const generateKeys = promisify(generateKeyPair);

export type SigningAlgorithm = 'ES256' | 'RS256';

/** The registry reads its `rootcertbundle` once, at start: changing the CA means restarting it. */
const CA_YEARS = 20;
const LEAF_DAYS = 365;
/** A registry whose clock is behind still accepts a new leaf. */
const BACKDATE_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
/** Index of subjectPublicKeyInfo in a version 3 TBSCertificate. */
const TBS_SUBJECT_PUBLIC_KEY_INFO = 6;

export interface CertificateAndKey {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export async function generateCaKey(): Promise<string> {
  const { privateKey } = await generateKeys('rsa', { modulusLength: 3072 });
  return exportPrivateKey(privateKey);
}

/** The self-signed certificate of a CA that may sign leaves and nothing below them. */
export function makeCaCertificate(caKeyPem: string, now: Date): string {
  const privateKey = pki.privateKeyFromPem(caKeyPem);
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.setRsaPublicKey(privateKey.n, privateKey.e);
  setIdentity(certificate, `Pullgate token CA ${randomBytes(4).toString('hex')}`, now);
  certificate.validity.notAfter = new Date(now.getTime() + CA_YEARS * 365.25 * DAY_MS);
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(privateKey, forge.md.sha256.create());
  return pki.certificateToPem(certificate);
}

/** A new key of the algorithm, and the CA's certificate for it. */
export async function issueLeaf(
  ca: CertificateAndKey,
  algorithm: SigningAlgorithm,
  now: Date,
): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = await generateSigningKeys(algorithm);
  const caCertificate = pki.certificateFromPem(ca.certificatePem);
  const certificate = pki.createCertificate();
  certificate.publicKey = caCertificate.publicKey;
  setIdentity(certificate, 'Pullgate token signing', now);
  certificate.validity.notAfter = new Date(
    Math.min(now.getTime() + LEAF_DAYS * DAY_MS, caCertificate.validity.notAfter.getTime()),
  );
  certificate.setIssuer(caCertificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true },
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: caCertificate.generateSubjectKeyIdentifier().getBytes(),
    },
  ]);
  return {
    certificatePem: signCertificate(certificate, publicKey, ca.privateKeyPem),
    privateKeyPem: exportPrivateKey(privateKey),
  };
}

function signCertificate(
  certificate: forge.pki.Certificate,
  subjectPublicKey: KeyObject,
  caKeyPem: string,
): string {
  const algorithm = pki.oids['sha256WithRSAEncryption'] ?? '';
  certificate.signatureOid = algorithm;
  certificate.siginfo.algorithmOid = algorithm;
  const tbs = pki.getTBSCertificate(certificate);
  if (!Array.isArray(tbs.value)) {
    throw new TypeError('forge made a TBSCertificate that is no sequence');
  }
  tbs.value[TBS_SUBJECT_PUBLIC_KEY_INFO] = asn1.fromDer(
    subjectPublicKey.export({ type: 'spki', format: 'der' }).toString('binary'),
  );
  const signature = sign('sha256', Buffer.from(asn1.toDer(tbs).getBytes(), 'binary'), caKeyPem);

  const { SEQUENCE, OID, NULL, BITSTRING } = asn1.Type;
  const { UNIVERSAL } = asn1.Class;
  const signed = asn1.create(UNIVERSAL, SEQUENCE, true, [
    tbs,
    asn1.create(UNIVERSAL, SEQUENCE, true, [
      asn1.create(UNIVERSAL, OID, false, asn1.oidToDer(algorithm).getBytes()),
      asn1.create(UNIVERSAL, NULL, false, ''),
    ]),
    // The leading zero counts the unused bits of the last byte.
    asn1.create(UNIVERSAL, BITSTRING, false, `\0${signature.toString('binary')}`),
  ]);
  return forge.pem.encode({ type: 'CERTIFICATE', body: asn1.toDer(signed).getBytes() });
}

function setIdentity(certificate: forge.pki.Certificate, commonName: string, now: Date): void {
  // A leading 01 keeps the serial number positive and free of leading zeros.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - BACKDATE_MS);
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
}

async function generateSigningKeys(
  algorithm: SigningAlgorithm,
): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  switch (algorithm) {
    case 'ES256':
      return await generateKeys('ec', { namedCurve: 'P-256' });
    case 'RS256':
      return await generateKeys('rsa', { modulusLength: 2048 });
  }
}

function exportPrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
