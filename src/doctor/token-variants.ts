import type { Challenge } from './challenge.js';
import type { OwnSettings, TokenVariant } from './observations.js';

/** With a clock that is off by no more, nothing is amiss: `Date` tells whole seconds, and answers take time. */
export const CLOCK_TOLERANCE_SECONDS = 30;

/** What registries are often told: by guides, by GitLab, by docker_auth, and by distribution's example. */
const USUAL_ISSUERS = [
  'pullgate',
  'gitlab-issuer',
  'omnibus-gitlab-issuer',
  'registry-token-issuer',
  'Acme auth server',
  'Auth Service',
];

/**
 * As configured; with what the registry itself gives away put right, its service and its clock; then
 * with other issuers besides. The first that is taken tells what was wrong.
 */
export function tokenVariants(
  own: Pick<OwnSettings, 'issuer' | 'service' | 'registryHost' | 'realm'>,
  { service }: Challenge,
  secondsAhead: number | null,
): readonly TokenVariant[] {
  const configured = { issuer: own.issuer, service: own.service, secondsAhead: 0 };
  const isClockOff = Math.abs(secondsAhead ?? 0) > CLOCK_TOLERANCE_SECONDS;
  const corrected = {
    issuer: own.issuer,
    service,
    secondsAhead: isClockOff ? (secondsAhead ?? 0) : 0,
  };
  const isSame = corrected.service === configured.service && corrected.secondsAhead === 0;
  const issuers = [...USUAL_ISSUERS, service, own.registryHost, own.realm];
  const others = [...new Set(issuers)].filter((issuer) => issuer !== own.issuer);
  return [
    configured,
    ...(isSame ? [] : [corrected]),
    ...others.map((issuer) => ({ ...corrected, issuer })),
  ];
}
