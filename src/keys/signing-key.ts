import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import type { SigningAlgorithm } from './certificate.js';
import { libtrustKid } from './libtrust-kid.js';

/** A leaf's key, parsed once: parsing PEM costs many times what a signature does. */
export interface SigningKey {
  readonly algorithm: SigningAlgorithm;
  readonly libtrustKid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The leaf alone: the registry holds the CA. Standard base64, as RFC 7515 4.1.6 wants it. */
  readonly x5c: readonly string[];
  /** The protected header of every JWT signed with it: base64url. */
  readonly jwtHeader: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** From when to when a certificate counts. */
export type Validity = Pick<SigningKey, 'notBefore' | 'notAfter'>;

/** Decides whether a leaf signs, whether the service is ready, and whether a leaf may be dropped. */
export function isValidAt({ notBefore, notAfter }: Validity, instant: Date): boolean {
  return notBefore <= instant && instant < notAfter;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/** Reads a leaf's PEM file: private key and certificate. Null when the CA did not sign it. */
export function parseSigningKey(pem: string, ca: X509Certificate): SigningKey | null {
  const certificate = new X509Certificate(CERTIFICATE.exec(pem)?.[0] ?? '');
  const privateKey = createPrivateKey(pem);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error('its private key and its certificate do not belong together');
  }
  if (!certificate.verify(ca.publicKey)) {
    return null;
  }
  const publicKey = createPublicKey(privateKey);
  const algorithm = publicKey.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const kid = libtrustKid(publicKey);
  const x5c = [certificate.raw.toString('base64')];
  const header = JSON.stringify({ typ: 'JWT', alg: algorithm, kid, x5c });
  return {
    algorithm,
    libtrustKid: kid,
    privateKey,
    publicKey,
    x5c,
    jwtHeader: Buffer.from(header).toString('base64url'),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** The public key for a JWKS. Its `kid` is the RFC 7638 thumbprint, which is what readers of a JWKS expect. */
export async function publicJwk(key: SigningKey): Promise<JWK> {
  const jwk = await exportJWK(key.publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { ...jwk, kid, alg: key.algorithm, use: 'sig', x5c: [...key.x5c] };
}
