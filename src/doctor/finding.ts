/** What a finding is about. */
export const CHECKS = [
  'registry-unreachable',
  'registry-not-asking',
  'registry-host',
  'certificate',
  'realm',
  'realm-unreachable',
  'realm-refused-by-clients',
  'other-pullgate',
  'authorization-dropped',
  'proxy-not-trusted',
  'service',
  'issuer',
  'rootcertbundle',
  'not-restarted',
  'clock',
  'token-refused',
  'signing-algorithms',
  'registry-file',
  'keys',
  'files',
  'database',
  'git',
] as const;
export type Check = (typeof CHECKS)[number];

export interface Finding {
  readonly check: Check;
  /** What is wrong. */
  readonly problem: string;
  /** What it looks like to a client. */
  readonly clients: string;
  /** The line to change, or the command to run. */
  readonly change: string;
}

/** With these, a registry refuses what Pullgate signs, or its clients never get that far. */
const ON_THE_PATH: ReadonlySet<Check> = new Set<Check>([
  'registry-unreachable',
  'registry-not-asking',
  'realm',
  'realm-unreachable',
  'other-pullgate',
  'authorization-dropped',
  'service',
  'issuer',
  'rootcertbundle',
  'not-restarted',
  'clock',
  'token-refused',
  'signing-algorithms',
  'keys',
]);

/** Whether images can be pulled with what Pullgate signs, by what was found. */
export function isPathOpen(findings: readonly Finding[]): boolean {
  return findings.every(({ check }) => !ON_THE_PATH.has(check));
}
