/** Whether the realm leads clients to this Pullgate, with all that they send. */

import { certificateFinding } from './certificate-finding.js';
import type { Challenge } from './challenge.js';
import type { Finding } from './finding.js';
import type { Observations, Seen } from './observations.js';

export function realmFindings(seen: Observations, challenge: Challenge): readonly Finding[] {
  return [
    ...addressFindings(seen, challenge),
    ...reachFindings(seen),
    ...seen.realmWarnings.map(refusedByClients),
    ...behindTheRealm(seen),
  ];
}

function addressFindings({ own, file }: Observations, { realm }: Challenge): readonly Finding[] {
  return isRealmOf(own.publicUrl, realm)
    ? []
    : [
        {
          check: 'realm',
          problem: `The registry sends clients to ${realm}, and this Pullgate is to be reached at ${own.realm}.`,
          clients: 'connection refused, not found, or the refusal of another token server.',
          change:
            file?.autoredirect === true
              ? `Take \`autoredirect\` out of ${file.name}, where realm must be ${own.realm}, and restart the registry.`
              : `In the registry's config.yml, auth.token: \`realm: ${own.realm}\`, and restart it; or set ` +
                'http.public_url, if the registry is right.',
        },
      ];
}

/** The paths of the token endpoint; a slash at the end and a query do no harm. */
const PATHS = new Set(['/token', '/jwt/auth', '/auth/token']);

function isRealmOf(publicUrl: string, realm: string): boolean {
  const { origin, pathname } = new URL(realm);
  return origin === new URL(publicUrl).origin && PATHS.has(pathname.replace(/\/$/, ''));
}

function reachFindings({ own, realm }: Observations): readonly Finding[] {
  const { url, reached } = realm;
  if (reached === null) {
    return [];
  }
  if ('failure' in reached && reached.isUntrusted === true) {
    return [certificateFinding(url, reached.failure)];
  }
  if ('failure' in reached) {
    return [
      {
        check: 'realm-unreachable',
        problem: `The realm ${url} cannot be reached from here: ${reached.failure}.`,
        clients:
          '“dial tcp … connection refused”, a timeout, or a certificate that they do not trust.',
        change:
          'Start the service, and set http.public_url to an address that every client reaches; see that the ' +
          'proxy and the firewall in front of it let them.',
      },
    ];
  }
  // Without credentials and without a scope it is 401; 400 for another service than its own.
  return [400, 401].includes(reached.status)
    ? []
    : [notTheTokenDoor(own.realm, url, reached.status)];
}

function notTheTokenDoor(own: string, url: string, status: number): Finding {
  return {
    check: 'realm-unreachable',
    problem: `What answers ${status} at the realm ${url} is not Pullgate's token endpoint.`,
    clients:
      '“not found”, “unexpected status code”, or “invalid character … looking for beginning of value”.',
    change: `Set http.public_url to where this service is; a proxy must hand ${new URL(own).pathname} on to it.`,
  };
}

function refusedByClients(problem: string): Finding {
  return {
    check: 'realm-refused-by-clients',
    problem,
    clients: 'some refuse the realm before they ask it, and never send the credentials.',
    change:
      'Set http.public_url to an https address of the same host as the registry, and its realm likewise.',
  };
}

function behindTheRealm({ own, realm, seen, instance }: Observations): readonly Finding[] {
  const answers = seen.filter((one): one is Seen => one !== null);
  const findings: Finding[] = [];
  if (answers.some(({ authorization }) => authorization === 'absent')) {
    findings.push({
      check: 'authorization-dropped',
      problem: `A proxy in front of ${new URL(realm.url).origin} drops the header Authorization.`,
      clients:
        '“A username and a token are needed to log in”, however good the token is; public images can be pulled.',
      change:
        'In the proxy: hand Authorization on. nginx does unless `proxy_set_header Authorization` or ' +
        '`auth_basic` is set for the location; take those out.',
    });
  }
  if (answers.some(({ authorization }) => authorization === 'unknown')) {
    const some = answers.some(({ authorization }) => authorization === 'own') ? 'also ' : '';
    findings.push({
      check: 'other-pullgate',
      problem: `Behind ${new URL(realm.url).origin} answers ${some}a Pullgate with other signing keys than those here.`,
      clients: '“authentication required” after a good login, on some or on all of the pulls.',
      change:
        'Give all replicas the same certs folder (certs.dir) and the same configuration, and run this where ' +
        'the service runs; or set http.public_url to this one.',
    });
  }
  findings.push(...ownAnswers(answers, instance, own.realm));
  return findings;
}

function ownAnswers(
  answers: readonly Seen[],
  instance: string | null,
  realm: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const own = answers.filter((one) => one.authorization === 'own');
  if (instance !== null && own.some((one) => one.instance !== instance)) {
    findings.push({
      check: 'other-pullgate',
      problem: `Behind ${realm} answers a Pullgate with the same keys and another database than the one here.`,
      clients: '“access denied” for a token that was made here.',
      change:
        'Set database.url to the same database for all of them, and run this with their configuration.',
    });
  }
  const untrusted = own.find(({ forwarded }) => forwarded === 'ignored');
  if (untrusted !== undefined) {
    findings.push({
      check: 'proxy-not-trusted',
      problem: `A proxy at ${untrusted.peer} sends X-Forwarded-For and is not trusted: all clients count as one.`,
      clients: '“too many wrong passwords”, also to those who made no mistake, after one who did.',
      change: `Add ${untrusted.peer} to http.trusted_proxies.`,
    });
  }
  return findings;
}
