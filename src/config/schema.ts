/**
 * The settings, their defaults and their texts: the only place that knows them. The names in the file
 * and in the environment, config/default.yml and docs/configuration.md all follow from it.
 */

import { z } from 'zod';
import { PROJECT_CREATORS } from '../access/permissions.js';
import { LOG_LEVELS } from '../log.js';
import { DATABASE_URL_FORMS } from '../store/databases.js';
import { cpuCount, MAX_WORKERS } from './cpu-count.js';
import { GitSettings } from './git-settings.js';
import {
  addressList,
  databaseUrl,
  hostAndPort,
  listenAddress,
  origin,
  originList,
  wholeNumber,
} from './values.js';

/** A shorter life is refused by the token specification: spec/auth/token.md, `expires_in`. */
const MIN_TOKEN_TTL = 60;
const MAX_TOKEN_TTL = 3600;
const GIBIBYTE = 1024 ** 3;
/** A reused JWT has lost up to this much of its lifetime. */
const MAX_TOKEN_REUSE = 5;

export const ConfigSchema = z.strictObject({
  http: z
    .strictObject({
      listen: z
        .string()
        .default('127.0.0.1:5080')
        .transform(listenAddress)
        .describe('`host:port` to listen on; `0.0.0.0:5080` or `[::]:5080` for every interface.'),
      publicUrl: z
        .string()
        .default('http://localhost:5080')
        .transform(origin)
        .describe(
          'How docker, git and browsers reach Pullgate: the realm and every link start with it.',
        ),
      tlsCert: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file of the certificate, chain included, to serve HTTPS with.'),
      tlsKey: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file of its private key. Both files are read again when they change.'),
      trustedProxies: z
        .union([z.string(), z.array(z.string())])
        .default([])
        .transform(addressList)
        .describe(
          'Addresses or CIDRs, separated by commas, whose `X-Forwarded-*` headers are believed.',
        ),
      workers: z
        .union([z.literal('auto'), wholeNumber(1, MAX_WORKERS)], {
          error: `is neither auto nor a whole number from 1 to ${MAX_WORKERS}`,
        })
        .prefault(1)
        .transform((value) => (value === 'auto' ? cpuCount() : value))
        .describe(
          `Processes that share the port, 1 to ${MAX_WORKERS}, or \`auto\` for one a CPU. ` +
            'The limits under `git` hold for each of them.',
        ),
      maxConnections: wholeNumber(10, 1_000_000)
        .prefault(10_000)
        .describe(
          'Open connections of one process; those past it are closed at once. Each takes a file handle.',
        ),
    })
    .refine(({ tlsCert, tlsKey }) => (tlsCert === undefined) === (tlsKey === undefined), {
      path: ['tlsCert'],
      message: 'tls_cert and tls_key go together: set both or neither',
      // Also when another setting of the section is wrong: every problem is told at once.
      when: ({ value }) => typeof value === 'object' && value !== null,
    })
    .prefault({}),
  database: z
    .strictObject({
      url: z
        .string()
        .default('sqlite:./data/pullgate.db')
        .transform(databaseUrl)
        .describe(
          `${DATABASE_URL_FORMS.map((form) => `\`${form}\``).join(' or ')}. Of a cluster, several: ` +
            '`mysql://user:password@a:3306,b:3306,c:3306/database`. ' +
            '`PULLGATE_DATABASE_URL_FILE` names a file that holds it instead.',
        ),
      tlsCa: z
        .string()
        .min(1)
        .optional()
        .describe(
          'PEM file of the CA of MySQL: enables TLS and verifies the server’s certificate.',
        ),
      poolSize: wholeNumber(1, 1000).prefault(10).describe('Connections of one process to MySQL.'),
      poolQueue: wholeNumber(1, 100_000)
        .prefault(256)
        .describe('How many statements may wait for one of them; those past it are answered 503.'),
      timeoutMs: wholeNumber(100, 60_000)
        .prefault(800)
        .describe(
          'How long MySQL may take for a statement, the wait for a connection included, before ' +
            'the request is answered 503.',
        ),
    })
    .prefault({}),
  certs: z
    .strictObject({
      dir: z
        .string()
        .min(1)
        .default('./certs')
        .describe('Folder of the private CA and of the signing keys; made on first start.'),
    })
    .prefault({}),
  signing: z
    .strictObject({
      algorithm: z
        .enum(['ES256', 'RS256'])
        .default('ES256')
        .describe('Of the signing keys made from now on. RS256 costs about ten times the CPU.'),
    })
    .prefault({}),
  registry: z
    .strictObject({
      service: z
        .string()
        .min(1)
        .default('container_registry')
        .describe("The registry's `auth.token.service`: asked for by clients, `aud` of the JWT."),
      issuer: z
        .string()
        .min(1)
        .regex(
          /^[\x20-\x7e]*$/,
          'has other characters than ASCII, which it must be to stand in an HTTP header',
        )
        .default('pullgate')
        .describe("The registry's `auth.token.issuer`: `iss` of the JWT."),
      tokenTtl: wholeNumber(MIN_TOKEN_TTL, MAX_TOKEN_TTL)
        .prefault(300)
        .describe(
          `Life of a JWT in seconds, ${MIN_TOKEN_TTL} to ${MAX_TOKEN_TTL}. A revoked deploy token ` +
            'keeps what it was granted for at most this long, and 60 seconds of leeway.',
        ),
      tokenReuseSeconds: wholeNumber(0, MAX_TOKEN_REUSE)
        .prefault(MAX_TOKEN_REUSE)
        .describe(
          'For how long a JWT is handed out again to credentials that are granted exactly the same, ' +
            `once they have been checked again: 0 (each is signed anew) to ${MAX_TOKEN_REUSE} seconds.`,
        ),
      host: z
        .string()
        .min(1)
        .default('localhost:5000')
        .transform(hostAndPort)
        .describe('What people type in `docker login`; used in lower case.'),
      url: z
        .string()
        .transform(origin)
        .optional()
        .describe(
          'How Pullgate itself reaches the registry, to learn what it holds. Without it: ' +
            '`registry.host` over https, over http where that is this machine.',
        ),
      corsOrigins: z
        .union([z.string(), z.array(z.string())])
        .default([])
        .transform(originList)
        .describe(
          'Origins, separated by commas, of pages that may ask for tokens in a browser, such as ' +
            '`https://browse.example.com` of a registry browser.',
        ),
    })
    .prefault({}),
  git: GitSettings,
  deployTokens: z
    .strictObject({
      prefix: z
        .string()
        .regex(/^[A-Za-z0-9_-]{0,32}$/, 'has other characters than letters, digits, - and _')
        .default('gldt-')
        .describe(
          'What the secret of a new deploy token starts with; secret scanners know `gldt-`.',
        ),
    })
    .prefault({}),
  web: z
    .strictObject({
      sessionIdleMinutes: wholeNumber(1, 7 * 24 * 60)
        .prefault(8 * 60)
        .describe('Somebody who is signed in and does nothing for this long is signed out.'),
      sessionHours: wholeNumber(1, 90 * 24)
        .prefault(7 * 24)
        .describe('The longest that anybody stays signed in, whatever they do.'),
    })
    .prefault({}),
  projects: z
    .strictObject({
      create: z
        .enum(PROJECT_CREATORS)
        .default('maintainers')
        .describe(
          'Who makes projects: `maintainers` of the namespace and administrators, or ' +
            '`administrators` alone.',
        ),
    })
    .prefault({}),
  quotas: z
    .strictObject({
      projectsPerUser: wholeNumber(1, 1_000_000)
        .prefault(1000)
        .describe(
          'How many projects one user may own, and how many namespaces; administrators may own any number.',
        ),
      accessTokensPerUser: wholeNumber(1, 1_000_000)
        .prefault(100)
        .describe('How many active personal access tokens one user may have.'),
      lfsBytesPerProject: wholeNumber(0, Number.MAX_SAFE_INTEGER)
        .prefault(20 * GIBIBYTE)
        .describe('How much the Git LFS objects of one project may take; 0 for none.'),
    })
    .prefault({}),
  audit: z
    .strictObject({
      retentionDays: wholeNumber(0, 36_500)
        .prefault(365)
        .describe('How long the audit trail keeps an event, in days; 0 for ever.'),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      listen: z
        .string()
        .transform(listenAddress)
        .optional()
        .describe(
          '`host:port` of `/-/metrics` for Prometheus, apart from the rest; without it nothing is measured.',
        ),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(LOG_LEVELS)
        .default('info')
        .describe(`One of ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`),
    })
    .prefault({}),
});

export type Config = Readonly<z.infer<typeof ConfigSchema>>;
