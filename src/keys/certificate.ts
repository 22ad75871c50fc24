/**
 * The private CA and the leaf certificates under it.
 *
 * node-forge builds the TBSCertificate (RFC 5280, 4.1). It knows RSA keys only, so the fields that hold
 * or name a key are replaced by what node:crypto makes, which signs the result, too.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';

// In node-forge; its published types leave these out.
declare module 'node-forge' {
  namespace pki {
    function getTBSCertificate(certificate: Certificate): asn1.Asn1;
  }
  namespace asn1 {
    function fromDer(bytes: Bytes, options: { readonly decodeBitStrings: boolean }): Asn1;
  }
}

const { asn1, pki } = forge;
const { SEQUENCE, OID, NULL, BITSTRING, OCTETSTRING } = asn1.Type;
const generateKeys = promisify(generateKeyPair);

export type SigningAlgorithm = 'ES256' | 'RS256';

/** The registry reads its `rootcertbundle` once, at start: changing the CA means restarting it. */
const CA_YEARS = 20;
const LEAF_DAYS = 365;
/** A registry whose clock is behind still accepts a new leaf. */
const BACKDATE_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
/** The order of fields in a version 3 TBSCertificate. */
const TBS = { signature: 2, issuer: 3, subject: 5, subjectPublicKeyInfo: 6 } as const;

export interface CertificateAndKey {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export async function generateCaKey(): Promise<string> {
  const { privateKey } = await generateSigningKeys('ES256');
  return exportPrivateKey(privateKey);
}

/**
 * The self-signed certificate of a CA that may sign leaves and nothing below them. The key may be an
 * RSA key, too: earlier versions made those.
 */
export function makeCaCertificate(caKeyPem: string, now: Date): string {
  const privateKey = createPrivateKey(caKeyPem);
  const publicKey = createPublicKey(privateKey);
  const certificate = newCertificate(`Pullgate token CA ${randomBytes(4).toString('hex')}`, now);
  certificate.validity.notAfter = new Date(now.getTime() + CA_YEARS * 365.25 * DAY_MS);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    // By its OID, since node-forge would ask for an RSA key under the name.
    {
      id: SUBJECT_KEY_IDENTIFIER,
      value: toDer(element(OCTETSTRING, keyIdentifier(publicKey))),
    },
  ]);
  return signCertificate(certificate, { publicKey, issuer: null, issuerKey: privateKey });
}

/** A new key of the algorithm, and the CA's certificate for it. */
export async function issueLeaf(
  ca: CertificateAndKey,
  algorithm: SigningAlgorithm,
  now: Date,
): Promise<CertificateAndKey> {
  const { publicKey, privateKey } = await generateSigningKeys(algorithm);
  const issuer = new X509Certificate(ca.certificatePem);
  const certificate = newCertificate('Pullgate token signing', now);
  certificate.validity.notAfter = new Date(
    Math.min(now.getTime() + LEAF_DAYS * DAY_MS, Date.parse(issuer.validTo)),
  );
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true },
    { name: 'authorityKeyIdentifier', keyIdentifier: keyIdentifier(issuer.publicKey) },
  ]);
  const issuerKey = createPrivateKey(ca.privateKeyPem);
  return {
    certificatePem: signCertificate(certificate, { publicKey, issuer, issuerKey }),
    privateKeyPem: exportPrivateKey(privateKey),
  };
}

function newCertificate(commonName: string, now: Date): forge.pki.Certificate {
  const certificate = pki.createCertificate();
  // A leading 01 keeps the serial number positive and free of leading zeros.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(now.getTime() - BACKDATE_MS);
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
  return certificate;
}

function signCertificate(
  certificate: forge.pki.Certificate,
  {
    publicKey,
    issuer,
    issuerKey,
  }: {
    readonly publicKey: KeyObject;
    /** Null for a certificate that signs itself. */
    readonly issuer: X509Certificate | null;
    readonly issuerKey: KeyObject;
  },
): string {
  const algorithm = signatureAlgorithm(issuerKey);
  const tbs = tbsCertificate(certificate);
  tbs[TBS.signature] = algorithm;
  tbs[TBS.issuer] = issuer === null ? at(tbs, TBS.subject) : subjectOf(issuer);
  tbs[TBS.subjectPublicKeyInfo] = publicKeyInfo(publicKey);
  const toBeSigned = element(SEQUENCE, tbs);
  const signature = sign('sha256', Buffer.from(toDer(toBeSigned), 'binary'), issuerKey);
  const signed = element(SEQUENCE, [
    toBeSigned,
    algorithm,
    // The leading zero counts the unused bits of the last byte.
    element(BITSTRING, `\0${signature.toString('binary')}`),
  ]);
  return forge.pem.encode({ type: 'CERTIFICATE', body: toDer(signed) });
}

function tbsCertificate(certificate: forge.pki.Certificate): forge.asn1.Asn1[] {
  // What node-forge wants to see here is replaced afterwards.
  const one = new forge.jsbn.BigInteger('1');
  certificate.publicKey = pki.setRsaPublicKey(one, one);
  certificate.siginfo.algorithmOid = SHA256_WITH_RSA;
  return fieldsOf(pki.getTBSCertificate(certificate));
}

/** RFC 5758, 3.2, and RFC 4055, 5: with RSA the parameters are NULL, with ECDSA there are none. */
function signatureAlgorithm({ asymmetricKeyType }: KeyObject): forge.asn1.Asn1 {
  if (asymmetricKeyType === 'ec') {
    return element(SEQUENCE, [oid(ECDSA_WITH_SHA256)]);
  }
  if (asymmetricKeyType === 'rsa') {
    return element(SEQUENCE, [oid(SHA256_WITH_RSA), element(NULL, '')]);
  }
  throw new TypeError(`The CA's key is neither EC nor RSA, but ${asymmetricKeyType ?? 'unknown'}.`);
}

/** Byte for byte, since readers compare names so. */
function subjectOf(certificate: X509Certificate): forge.asn1.Asn1 {
  const tbs = at(fieldsOf(parseDer(certificate.raw)), 0);
  return at(fieldsOf(tbs), TBS.subject);
}

/** RFC 5280, 4.2.1.2, method 1: the SHA-1 of the public key's bits, as node-forge makes it for RSA. */
function keyIdentifier(publicKey: KeyObject): string {
  const bits = at(fieldsOf(publicKeyInfo(publicKey)), 1).value;
  if (typeof bits !== 'string') {
    throw new TypeError('The public key in a SubjectPublicKeyInfo is not a string of bits.');
  }
  // Without the byte that counts the unused bits.
  return createHash('sha1').update(bits.slice(1), 'binary').digest('binary');
}

function publicKeyInfo(publicKey: KeyObject): forge.asn1.Asn1 {
  return parseDer(publicKey.export({ type: 'spki', format: 'der' }));
}

function oid(dotted: string): forge.asn1.Asn1 {
  return element(OID, asn1.oidToDer(dotted).getBytes());
}

function element(type: forge.asn1.Type, value: string | forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, type, typeof value !== 'string', value);
}

function fieldsOf({ value }: forge.asn1.Asn1): forge.asn1.Asn1[] {
  if (typeof value === 'string') {
    throw new TypeError('An ASN.1 sequence was expected.');
  }
  return value;
}

function at(fields: readonly forge.asn1.Asn1[], index: number): forge.asn1.Asn1 {
  const field = fields[index];
  if (field === undefined) {
    throw new TypeError(`An ASN.1 sequence has no field ${index}.`);
  }
  return field;
}

function parseDer(bytes: Buffer): forge.asn1.Asn1 {
  return asn1.fromDer(bytes.toString('binary'), { decodeBitStrings: false });
}

function toDer(value: forge.asn1.Asn1): string {
  return asn1.toDer(value).getBytes();
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
