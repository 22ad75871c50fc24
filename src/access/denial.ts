/** What was refused at the doors for images and code, to whom and why, and how much of it a reader is shown. */

import type { Actor } from './actor.js';
import { REFUSALS, type Refusal } from './credential.js';
import { decide, isAdministrator } from './permissions.js';
import type { Project } from './project.js';
import { REASONS, type Reason } from './reason.js';

/** What stands for a reason that would tell a hidden project from a missing one. */
export const NOT_IN_REACH = 'not_in_reach';

export type DenialReason = Reason | Refusal;
export type SeenReason = DenialReason | typeof NOT_IN_REACH;

export const DENIAL_REASONS: readonly DenialReason[] = [...new Set([...REASONS, ...REFUSALS])];

export function isDenialReason(text: string): text is DenialReason {
  return DENIAL_REASONS.some((reason) => reason === text);
}

export type DenialDoor = 'registry' | 'git';

/** Of whom a list is kept: who asked, and the project that was asked for; nobody's is of neither. */
export type DenialListKind = 'deploy-token' | 'user' | 'project' | 'nobody';

export interface DenialList {
  readonly kind: DenialListKind;
  /** 0 for nobody's. */
  readonly id: number;
}

export const NOBODYS: DenialList = { kind: 'nobody', id: 0 };

/** How many are kept in one list: the last ones, where alike ones are one. */
export const MAX_DENIALS = 50;
/** Of those, how many of requests in which nobody was known: anybody could fill the list with these. */
export const MAX_STRANGERS_DENIALS = 5;

/** Who asked, as far as a genuine secret said so; both null for nobody who was known. */
export interface Asker {
  readonly deployTokenId: number | null;
  readonly userId: number | null;
}

/** Refusals that are alike: of the same asker, for the same reason, asking for the same. */
export interface Denial extends Asker {
  readonly door: DenialDoor;
  /** Whose repository it is; null for one that no project owns, and for a login. */
  readonly projectId: number | null;
  /** A repository's name, at git a project's path; null for a login, which asks for none. */
  readonly repository: string | null;
  readonly actions: readonly string[];
  readonly reason: DenialReason;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Of the last one, as is the next. */
  readonly address: string;
  readonly userAgent: string;
  /** When the same was last granted, within a minute, to another credential of the same address. */
  readonly grantedElsewhereAt: Date | null;
}

export function isStrangers({ deployTokenId, userId }: Asker): boolean {
  return deployTokenId === null && userId === null;
}

/**
 * Whether nothing came of it: a client that tries several credentials got there with the next. Kubelets do
 * so where two pull secrets are for one host.
 */
export function wasHarmless({
  lastAt,
  grantedElsewhereAt,
}: Pick<Denial, 'lastAt' | 'grantedElsewhereAt'>): boolean {
  return grantedElsewhereAt !== null && grantedElsewhereAt >= lastAt;
}

/** What a project would have to be there for. */
const TELLS_OF_PROJECT: ReadonlySet<DenialReason> = new Set<DenialReason>([
  'no_project',
  'other_project',
  'not_among_only',
  'not_a_member',
  'not_signed_in',
  'role_too_low',
  'archived',
]);

/** The reason as this reader may know it. `project` is the one that was asked for; null for none. */
export function reasonSeenBy(
  reader: Actor,
  reason: DenialReason,
  project: Project | null,
): SeenReason {
  if (!TELLS_OF_PROJECT.has(reason) || isAdministrator(reader)) {
    return reason;
  }
  return project !== null && decide(reader, 'see_project', project) === null
    ? reason
    : NOT_IN_REACH;
}

/** What is wrong, for whoever looks after the token, the account or the project. */
const WORDS: Readonly<Record<SeenReason, string>> = {
  not_signed_in: 'no credentials came',
  not_a_member: 'no role in the project',
  role_too_low: 'the role is too low',
  administrators_only: 'for administrators alone',
  scope_missing: 'a scope is missing',
  other_project: 'belongs to another project or namespace',
  not_among_only: 'narrowed to other paths',
  not_for_deploy_tokens: 'deploy tokens only read',
  archived: 'the project is archived',
  no_project: 'no project owns this name',
  unknown_resource: 'not a repository',
  unknown_action: 'unknown action',
  too_many_names: 'too many names in one request',
  not_basic: 'not HTTP Basic',
  not_base64: 'not base64',
  wrapped_base64: 'wrapped base64',
  no_colon: 'no colon between username and secret',
  broken_escape: 'a % that is no escape',
  not_utf8: 'not UTF-8',
  control_character: 'a control character in it',
  line_break: 'ends with a line break',
  empty: 'username or secret was empty',
  unknown: 'unknown secret',
  wrong_username: 'another username than its own',
  wrong_password: 'wrong password',
  revoked: 'revoked',
  suspended: 'suspended',
  expired: 'expired',
  blocked: 'the account is blocked',
  rate_limited: 'too many wrong passwords',
  not_in_reach: 'not in reach',
};

export function reasonInWords(reason: SeenReason): string {
  return WORDS[reason];
}
