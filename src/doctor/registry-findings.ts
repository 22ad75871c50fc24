/** Whether the registry answers where it should, and asks for tokens. */

import { certificateFinding } from './certificate-finding.js';
import { parseChallenge, type Challenge } from './challenge.js';
import type { Finding } from './finding.js';
import type { Answer, Observations } from './observations.js';

export function registryFindings(
  { own, registry, asClients, file }: Observations,
  challenge: Challenge | null,
): readonly Finding[] {
  const findings: Finding[] = [];
  if ('failure' in registry && registry.isUntrusted === true) {
    findings.push(certificateFinding(own.registryUrl, registry.failure));
  } else if ('failure' in registry) {
    const setting = asClients === null ? 'registry.host' : 'registry.url';
    findings.push({
      check: asClients === null ? 'registry-host' : 'registry-unreachable',
      problem: `There is no registry at ${own.registryUrl}: ${registry.failure}.`,
      clients: 'no such host, connection refused, or a timeout, before any login.',
      change:
        `Start the registry, or set ${setting} to where it is. A registry that cannot read its ` +
        `rootcertbundle${bundleName(file?.bundle?.path)} does not start: its log has the reason.`,
    });
  } else if (challenge === null) {
    findings.push(notAsking(own.registryUrl, registry));
  }
  if (asClients !== null) {
    findings.push(...hostFindings(own.registryHost, asClients, challenge));
  }
  return findings;
}

function bundleName(path: string | undefined): string {
  return path === undefined ? '' : ` (${path})`;
}

function notAsking(url: string, { status, location, challenge }: Answer): Finding {
  if (status === 200) {
    return {
      check: 'registry-not-asking',
      problem: `The registry at ${url} asks nobody for a token: whoever reaches it pulls and pushes.`,
      clients: 'nothing: every pull works, also without a login.',
      change:
        "Put what `pullgate registry-config` prints into the registry's config.yml, and restart it.",
    };
  }
  if (status === 401) {
    return {
      check: 'registry-not-asking',
      problem: `The registry at ${url} asks for ${challenge === null ? 'nothing that is known' : 'another way to log in'} and not for a token.`,
      clients: 'unauthorized, whatever token they have: Pullgate is never asked.',
      change:
        "In the registry's config.yml `auth:` must hold `token:` alone, as `pullgate registry-config` prints it.",
    };
  }
  const where = location === null ? '' : ` and leads to ${location}`;
  return {
    check: 'registry-not-asking',
    problem: `What answers ${status} at ${url}/v2/${where} is no registry.`,
    clients: 'not found, a page in place of JSON, or “unsupported protocol scheme”.',
    change:
      'Set registry.host, or registry.url, to the registry itself; a proxy must hand /v2/ on to it.',
  };
}

function hostFindings(
  host: string,
  { url, reached }: NonNullable<Observations['asClients']>,
  challenge: Challenge | null,
): readonly Finding[] {
  const finding = {
    check: 'registry-host',
    clients: 'no such host, connection refused, or another registry than this one.',
    change: 'Set registry.host to what people type in `docker login`.',
  } as const;
  if ('failure' in reached && reached.isUntrusted === true) {
    return [certificateFinding(url, reached.failure)];
  }
  if ('failure' in reached) {
    const problem = `registry.host is ${host}, and from here ${url} cannot be reached: ${reached.failure}.`;
    return [{ ...finding, problem }];
  }
  const other = parseChallenge(reached.challenge);
  const isSame = other?.realm === challenge?.realm && other?.service === challenge?.service;
  return isSame
    ? []
    : [
        {
          ...finding,
          problem: `At registry.host, ${url}, answers something else than at registry.url.`,
        },
      ];
}
