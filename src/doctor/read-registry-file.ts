import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { RegistryFile } from './observations.js';

const Text = z.coerce.string().nullish();

/** distribution, docs/configuration.md, `auth.token` */
const RegistryConfig = z.object({
  auth: z.object({
    token: z.object({
      issuer: Text,
      rootcertbundle: Text,
      autoredirect: z.boolean().nullish(),
      jwks: Text,
      signingalgorithms: z.array(z.string()).nullish(),
    }),
  }),
});

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The registry's config.yml; of its certificates only whether ours is among them. */
export async function readRegistryFile(
  name: string,
  caFingerprint: string | null,
): Promise<RegistryFile> {
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (error) {
    return nothingOf(name, `it cannot be read (${codeOf(error)})`);
  }
  let yaml: unknown;
  try {
    // Warnings would print the line that they are about, and a line may hold a secret.
    yaml = parseYaml(text, { logLevel: 'error' });
  } catch {
    return nothingOf(name, 'it is not YAML');
  }
  const parsed = RegistryConfig.safeParse(yaml);
  if (!parsed.success) {
    return nothingOf(name, 'it has no auth: token:');
  }
  const { issuer, rootcertbundle, autoredirect, jwks, signingalgorithms } = parsed.data.auth.token;
  const path = rootcertbundle ?? '';
  return {
    name,
    failure: null,
    issuer: issuer ?? null,
    autoredirect: autoredirect === true,
    bundle: path === '' ? null : { path, hasOwnCa: await holdsCa(path, caFingerprint) },
    hasKeySet: (jwks ?? '') !== '',
    algorithms: signingalgorithms ?? [],
  };
}

function nothingOf(name: string, failure: string): RegistryFile {
  return {
    name,
    failure,
    issuer: null,
    autoredirect: false,
    bundle: null,
    hasKeySet: false,
    algorithms: [],
  };
}

/** Null where it cannot be read from here, as with a registry in a container. */
async function holdsCa(path: string, caFingerprint: string | null): Promise<boolean | null> {
  const pem = await readFile(path, 'utf8').catch(() => null);
  return pem === null || caFingerprint === null
    ? null
    : (pem.match(CERTIFICATE) ?? []).some((one) => fingerprintOf(one) === caFingerprint);
}

function fingerprintOf(pem: string): string | null {
  try {
    return new X509Certificate(pem).fingerprint256;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
