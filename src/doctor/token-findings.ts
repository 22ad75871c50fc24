/** Why the registry refuses what is signed here: which of its four settings, or its clock. */

import type { Challenge } from './challenge.js';
import type { Finding } from './finding.js';
import type { Observations, RegistryFile, TriedToken } from './observations.js';
import { CLOCK_TOLERANCE_SECONDS } from './token-variants.js';

const REFUSED =
  '“authentication required”, “unauthorized” or a bare 401, after a login that was good.';

export function tokenFindings(seen: Observations, challenge: Challenge): readonly Finding[] {
  const { own, tried, file } = seen;
  const service =
    challenge.service === own.service ? [] : [serviceFinding(own.service, challenge.service)];
  const isRefused = tried.length > 0 && tried[0]?.isTaken !== true;
  const clock = clockFindings(seen, isRefused);
  if (!isRefused) {
    return [...service, ...clock, ...(file === null ? [] : fileFailures(file))];
  }
  const taken = tried.find(({ isTaken }) => isTaken);
  return [
    ...service,
    ...clock,
    ...(taken === undefined ? unexplained(seen) : issuerOf(taken, own.issuer)),
  ];
}

function serviceFinding(own: string, asked: string): Finding {
  return {
    check: 'service',
    problem: `The registry's auth.token.service is ${quoted(asked)}, and registry.service here is ${quoted(own)}.`,
    clients: '“unsupported: This token server serves …, not the service that was asked for”.',
    change: `In the registry's config.yml, auth.token: \`service: ${own}\`, and restart it; or set registry.service here.`,
  };
}

/** From `nbf` and `exp`, and the registry's own leeway: see docs/operations.md. */
const REGISTRY_LEEWAY_SECONDS = 60;

function clockFindings({ registry, own }: Observations, isRefused: boolean): readonly Finding[] {
  const ahead = 'secondsAhead' in registry ? (registry.secondsAhead ?? 0) : 0;
  if (Math.abs(ahead) <= CLOCK_TOLERANCE_SECONDS) {
    return [];
  }
  const which = ahead > 0 ? 'behind' : 'ahead of';
  const room = ahead > 0 ? own.tokenTtl + REGISTRY_LEEWAY_SECONDS : REGISTRY_LEEWAY_SECONDS + 10;
  return [
    {
      check: 'clock',
      problem: `The clock here is ${Math.abs(ahead)} seconds ${which} the registry's.`,
      clients: isRefused
        ? REFUSED
        : `nothing yet: past some ${room} seconds every pull ends in “authentication required”.`,
      change:
        'Set both clocks by NTP: `timedatectl` on both hosts tells whether they are. (A proxy in front of the ' +
        'registry answers with a Date of its own.)',
    },
  ];
}

function issuerOf(taken: TriedToken, own: string): readonly Finding[] {
  return taken.issuer === own ? [] : [issuerFinding(own, taken.issuer)];
}

function issuerFinding(own: string, theirs: string): Finding {
  return {
    check: 'issuer',
    problem: `The registry's auth.token.issuer is ${quoted(theirs)}, and registry.issuer here is ${quoted(own)}.`,
    clients: REFUSED,
    change: `In the registry's config.yml, auth.token: \`issuer: ${own}\`, and restart it; or set registry.issuer here.`,
  };
}

/** Service and clock are right or known to be wrong, and that is not all. */
function unexplained(seen: Observations): readonly Finding[] {
  const { file, own, keys } = seen;
  if (file !== null && file.failure === null) {
    return byFile(seen, file);
  }
  const fingerprint = 'caFingerprint' in keys ? keys.caFingerprint : null;
  return [
    {
      check: 'token-refused',
      problem:
        'The registry refuses what is signed here, and does not say why. It is one of: auth.token.issuer is not ' +
        `${quoted(own.issuer)}; its rootcertbundle does not hold ${own.caFile}; or it was not restarted since ` +
        'it does.',
      clients: REFUSED,
      change:
        "`pullgate doctor --config` with the registry's config.yml tells which; so does the registry's log, " +
        'at level info: “token from untrusted issuer” or “certificate signed by unknown authority”. ' +
        (fingerprint === null
          ? ''
          : 'Or compare: `openssl x509 -noout -fingerprint -sha256 -in` its rootcertbundle must print ' +
            `${fingerprint}.`),
    },
    ...(file === null ? [] : fileFailures(file)),
  ];
}

function byFile({ own, keys }: Observations, file: RegistryFile): readonly Finding[] {
  const findings: Finding[] = [];
  if (file.issuer !== own.issuer) {
    findings.push(issuerFinding(own.issuer, file.issuer ?? ''));
  }
  if (file.algorithms.length > 0 && !file.algorithms.includes(own.algorithm)) {
    findings.push({
      check: 'signing-algorithms',
      problem: `${file.name} lists signingalgorithms, and ${own.algorithm}, which is used here, is not among them.`,
      clients: REFUSED,
      change: `In ${file.name}, auth.token: \`signingalgorithms: [${own.algorithm}]\`, and restart the registry.`,
    });
  }
  findings.push(...bundleFindings(own.caFile, file, keys));
  if (findings.length === 0) {
    findings.push({
      check: 'not-restarted',
      problem: `${file.name} is right, and the registry refuses what is signed here: it runs with what it read before.`,
      clients: REFUSED,
      change:
        'Restart the registry: it reads its configuration and its rootcertbundle at its start alone. ' +
        'Variables REGISTRY_AUTH_TOKEN_… in its environment go before the file.',
    });
  }
  return findings;
}

function bundleFindings(
  caFile: string,
  { name, bundle, hasKeySet }: RegistryFile,
  keys: Observations['keys'],
): readonly Finding[] {
  if (bundle === null) {
    return [
      {
        check: 'rootcertbundle',
        problem: `${name} has no auth.token.rootcertbundle${hasKeySet ? ', and jwks in its place refuses every JWT of Pullgate' : ''}.`,
        clients: REFUSED,
        change: `In ${name}, auth.token: \`rootcertbundle: ${caFile}\`, and restart the registry.`,
      },
    ];
  }
  if (bundle.hasOwnCa === true) {
    return [];
  }
  const fingerprint = 'caFingerprint' in keys ? keys.caFingerprint : caFile;
  return [
    bundle.hasOwnCa === false
      ? {
          check: 'rootcertbundle',
          problem: `${bundle.path}, the registry's rootcertbundle, does not hold the CA of ${caFile}.`,
          clients: REFUSED,
          change: `Copy ${caFile} to ${bundle.path}, or name it as rootcertbundle, and restart the registry.`,
        }
      : {
          check: 'rootcertbundle',
          problem:
            `${bundle.path}, the registry's rootcertbundle, cannot be read from here. It does not hold the CA of ` +
            `${caFile}, or the registry was not restarted since it does.`,
          clients: REFUSED,
          change:
            `Where the registry runs, \`openssl x509 -noout -fingerprint -sha256 -in ${bundle.path}\` must print ` +
            `${fingerprint}. Then restart the registry.`,
        },
  ];
}

function fileFailures({ name, failure }: RegistryFile): readonly Finding[] {
  return failure === null
    ? []
    : [
        {
          check: 'registry-file',
          problem: `${name} tells nothing of auth.token: ${failure}.`,
          clients: 'nothing.',
          change: "Name the registry's own config.yml with --config.",
        },
      ];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
