/** Looks at everything that a finding can be about. It changes nothing, and throws nothing. */

import { join, resolve } from 'node:path';
import { registryAsClientsSeeIt } from '../config/realm-warnings.js';
import { LOCAL, registryUrl, tokenRealm } from '../config/registry-url.js';
import type { Config } from '../config/schema.js';
import { describeFailure } from '../failure.js';
import { CA_CERTIFICATE, type LoadedKeys } from '../keys/key-folder.js';
import { signProbeToken } from '../keys/probe-token.js';
import { signRegistryToken } from '../keys/registry-token.js';
import type { SigningKey } from '../keys/signing-key.js';
import type { Instance } from '../store/instance-store.js';
import { ask, type Question } from './ask.js';
import { parseChallenge, type Challenge } from './challenge.js';
import { lookAtFiles } from './look-at-files.js';
import type {
  KeyState,
  Observations,
  OwnSettings,
  Reached,
  TokenVariant,
  TriedToken,
} from './observations.js';
import { probe } from './probe.js';
import { readRegistryFile } from './read-registry-file.js';
import { tokenVariants } from './token-variants.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** No username holds a colon. */
const OWN_SUBJECT = 'pullgate:';

type Asking = Omit<Question, 'url'>;

export interface CollectDeps {
  readonly config: Config;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** These two throw, and say why, where there is nothing. */
  readonly loadKeys: () => Promise<LoadedKeys>;
  readonly readInstance: () => Promise<Instance>;
  readonly realmWarnings: () => Promise<readonly string[]>;
  readonly gitProblem: () => Promise<string | null>;
  /** The registry's own config.yml, if it is at hand. */
  readonly registryFile: string | null;
}

export async function collect(deps: CollectDeps): Promise<Observations> {
  const { config, now, signal, registryFile } = deps;
  const own = ownSettings(config);
  const keys = await orFailure(deps.loadKeys);
  const loaded = 'failure' in keys ? null : keys;
  const instance = await orFailure(deps.readInstance);
  const known = 'failure' in instance ? null : instance;
  const question = { now, signal };
  return {
    own,
    ...(await goTheWay(own, loaded?.keys[0] ?? null, question)),
    asClients: await askAsClients(config, question),
    realmWarnings: await deps.realmWarnings(),
    file:
      registryFile === null
        ? null
        : await readRegistryFile(registryFile, loaded?.caFingerprint ?? null),
    keys: 'failure' in keys ? keys : keyState(keys, known, now()),
    files: await lookAtFiles(config),
    database: 'failure' in instance ? instance.failure : null,
    instance: known?.databaseId ?? null,
    git: await deps.gitProblem(),
  };
}

/** As a client goes: to the registry, where that sends it, and back with a JWT; the last needs a key. */
async function goTheWay(
  own: OwnSettings,
  key: SigningKey | null,
  question: Asking,
): Promise<Pick<Observations, 'registry' | 'realm' | 'seen' | 'tried'>> {
  const registry = await ask({ ...question, url: `${own.registryUrl}/v2/` });
  const challenge = 'failure' in registry ? null : parseChallenge(registry.challenge);
  const url = challenge?.realm ?? own.realm;
  const tried =
    challenge === null || key === null
      ? []
      : await tryTokens({ own, key, registry, challenge, question });
  if (isOfClients(url, own)) {
    return { registry, realm: { url, reached: null }, seen: [], tried };
  }
  const realm = { url, reached: await ask({ ...question, url: realmQuestion(url, own) }) };
  const seen =
    key === null
      ? []
      : await probe(url, { ...question, bearer: signProbeToken(key, question.now()) });
  return { registry, realm, seen, tried };
}

/** `localhost` in a container is not the `localhost` of those who ask the registry in another one. */
function isOfClients(realm: string, { registryUrl: url }: OwnSettings): boolean {
  return LOCAL.test(new URL(realm).hostname) && !LOCAL.test(new URL(url).hostname);
}

async function orFailure<T extends object>(
  look: () => Promise<T>,
): Promise<T | { readonly failure: string }> {
  return await look().catch((error: unknown) => ({ failure: describeFailure(error) }));
}

function ownSettings(config: Config): OwnSettings {
  const { http, registry, certs, signing } = config;
  return {
    publicUrl: http.publicUrl,
    realm: tokenRealm(config),
    service: registry.service,
    issuer: registry.issuer,
    algorithm: signing.algorithm,
    registryHost: registry.host,
    registryUrl: registryUrl(registry),
    tokenTtl: registry.tokenTtl,
    caFile: join(resolve(certs.dir), CA_CERTIFICATE),
  };
}

/** Not where that is a name of the clients' own machine, which from here is another one. */
async function askAsClients(
  { registry }: Config,
  question: Asking,
): Promise<Observations['asClients']> {
  const { origin, hostname } = registryAsClientsSeeIt(registry);
  const isSame = origin === new URL(registryUrl(registry)).origin;
  return isSame || LOCAL.test(hostname)
    ? null
    : { url: origin, reached: await ask({ ...question, url: `${origin}/v2/` }) };
}

/** As a client without credentials, which asks for nothing: it is refused before anything is looked up. */
function realmQuestion(realm: string, { service }: OwnSettings): string {
  const url = new URL(realm);
  url.searchParams.set('service', service);
  return url.href;
}

async function tryTokens({
  own,
  key,
  registry,
  challenge,
  question,
}: {
  readonly own: OwnSettings;
  readonly key: SigningKey;
  readonly registry: Reached;
  readonly challenge: Challenge;
  readonly question: Asking;
}): Promise<readonly TriedToken[]> {
  const ahead = 'failure' in registry ? null : registry.secondsAhead;
  const tried: TriedToken[] = [];
  for (const variant of tokenVariants(own, challenge, ahead)) {
    const bearer = signVariant(key, variant, own.tokenTtl, question.now());
    const reached = await ask({ ...question, url: `${own.registryUrl}/v2/`, bearer });
    const isTaken = 'status' in reached && reached.status === 200;
    tried.push({ ...variant, isTaken });
    if (isTaken) {
      break;
    }
  }
  return tried;
}

/** For nothing: it opens no repository, whoever gets hold of it. */
function signVariant(
  key: SigningKey,
  { issuer, service, secondsAhead }: TokenVariant,
  ttl: number,
  now: Date,
): string {
  const issuedAt = new Date(now.getTime() + secondsAhead * 1000);
  return signRegistryToken(key, {
    issuer,
    audience: service,
    subject: OWN_SUBJECT,
    access: [],
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + ttl * 1000),
  });
}

function keyState(
  { keys: [key], ca, hasCaKey, caFingerprint, damaged }: LoadedKeys,
  instance: Instance | null,
  now: Date,
): KeyState {
  const known = instance?.caFingerprint ?? null;
  return {
    signingDaysLeft: daysUntil(key.notAfter, now),
    caDaysLeft: daysUntil(ca.notAfter, now),
    hasCaKey,
    caFingerprint,
    isKnownCa: known === null || known === caFingerprint,
    damaged,
  };
}

function daysUntil(instant: Date, now: Date): number {
  return Math.floor((instant.getTime() - now.getTime()) / DAY_MS);
}
