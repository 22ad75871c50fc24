import { parseChallenge } from './challenge.js';
import { environmentFindings } from './environment-findings.js';
import type { Finding } from './finding.js';
import type { Observations } from './observations.js';
import { realmFindings } from './realm-findings.js';
import { registryFindings } from './registry-findings.js';
import { tokenFindings } from './token-findings.js';

/** What is wrong, by what was seen, on the way that a client goes; nothing where all is well. */
export function diagnose(seen: Observations): readonly Finding[] {
  const challenge = 'status' in seen.registry ? parseChallenge(seen.registry.challenge) : null;
  return [
    ...registryFindings(seen, challenge),
    ...(challenge === null ? [] : realmFindings(seen, challenge)),
    ...(challenge === null ? [] : tokenFindings(seen, challenge)),
    ...environmentFindings(seen),
  ];
}
