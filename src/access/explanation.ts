/** What the doors for images and code would decide, and how it comes about: decided by what they ask. */

import { OPERATOR, type Actor, type UserActor } from './actor.js';
import type { Refusal } from './credential.js';
import {
  NOT_IN_REACH,
  reasonInWords,
  reasonSeenBy,
  type DenialDoor,
  type DenialReason,
  type SeenReason,
} from './denial.js';
import { deployTokenStatus, type DeployToken, type Owner } from './deploy-token.js';
import { expiryText, formatExpiryDate } from './expiry.js';
import { gitRefusal } from './git-access.js';
import { decide, isAllowed, isAllowedOnInstance } from './permissions.js';
import { namespaceOf, type OwnedPrefix, type Project } from './project.js';
import { grant, registryRefusal } from './registry-access.js';
import { liesIn } from './repository-name.js';
import { roleInProject, type Roles } from './role.js';
import type { User } from './user.js';

export const ACTIONS_AT = {
  registry: ['pull', 'push', 'delete'],
  git: ['fetch', 'push'],
} as const satisfies Readonly<Record<DenialDoor, readonly string[]>>;

/** The action is one of those of the door, the name a repository's, or at git a project's path. */
export interface ExplainQuestion {
  readonly door: DenialDoor;
  readonly action: string;
  readonly name: string;
}

/** Whose credentials it is about; a user's without what a personal access token would narrow. */
export type Explained =
  | {
      readonly kind: 'deploy-token';
      readonly token: DeployToken;
      /** Null for one that was removed. */
      readonly owner: Owner | null;
    }
  | { readonly kind: 'user'; readonly user: User; readonly roles: Roles }
  | { readonly kind: 'anonymous' };

export const OUTCOMES = ['passed', 'stopped', 'not-reached'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One link of the chain. */
export interface Fact {
  readonly outcome: Outcome;
  readonly text: string;
}

export interface Explanation {
  readonly allowed: boolean;
  /** Why not, as far as the reader may know it; null where it is allowed. */
  readonly reason: SeenReason | null;
  /** In the order in which they are looked at; the last one is the verdict. */
  readonly facts: readonly Fact[];
}

interface Candidate {
  readonly text: string;
  /** What the decision says where this is what it fails for. */
  readonly fails: readonly DenialReason[];
}

/** Whether they may ask about an account: their own, and any as an overseer or as to a project that they manage. */
export function mayAskAbout(actor: Actor, user: User, project: Project | null): boolean {
  return (
    isAllowedOnInstance(actor, 'oversee') ||
    (actor.kind === 'user' && actor.user.id === user.id) ||
    (project !== null && isAllowed(actor, 'manage', project))
  );
}

/** As this reader may see it. `owned` has the image prefixes that the name may lie in. */
export function explain(
  explained: Explained,
  question: ExplainQuestion,
  { owned, now, reader }: { owned: readonly OwnedPrefix[]; now: Date; reader: Actor },
): Explanation {
  const project = projectOf(question, owned);
  const reason = decisionOn(explained, question, { owned, project, now });
  const seen = reason === null ? null : reasonSeenBy(reader, reason, project);
  const isShown = project !== null && decide(reader, 'see_project', project) === null;
  const facts = [
    ...ownFacts(explained, now),
    ...(isShown ? [...projectFacts(question, project), ...reachFacts(explained, project)] : []),
    ...(project === null && seen !== NOT_IN_REACH ? noProjectFacts(question) : []),
  ];
  return {
    allowed: reason === null,
    reason: seen,
    facts: [...upToStop(facts, reason), verdict(question, seen)],
  };
}

function upToStop(candidates: readonly Candidate[], reason: DenialReason | null): Fact[] {
  const stop = candidates.findIndex(({ fails }) => fails.some((each) => each === reason));
  return candidates.map(({ text }, index) => ({ outcome: outcomeAt(index, stop), text }));
}

/** `stop` is -1 where nothing stopped it. */
function outcomeAt(index: number, stop: number): Outcome {
  if (stop === -1 || index < stop) {
    return 'passed';
  }
  return index === stop ? 'stopped' : 'not-reached';
}

/** Why the door would refuse it; null where it would not. */
export function decisionOn(
  explained: Explained,
  { door, action, name }: ExplainQuestion,
  known: { owned: readonly OwnedPrefix[]; project: Project | null; now: Date },
): DenialReason | null {
  const dead = deadBy(explained, known.now);
  if (dead !== null) {
    return dead;
  }
  const actor = actorOf(explained);
  if (door === 'git') {
    return gitRefusal(actor, action === 'push' ? 'push' : 'fetch', known.project)?.reason ?? null;
  }
  if (registryRefusal(actor, { hasScope: true }) !== null) {
    return 'scope_missing';
  }
  const entry = { type: 'repository', name, actions: [action] };
  return grant(actor, [entry], known.owned).refused[0]?.reason ?? null;
}

function deadBy(explained: Explained, now: Date): Refusal | null {
  switch (explained.kind) {
    case 'deploy-token': {
      const status = deployTokenStatus(explained.token, now);
      return status === 'active' ? null : status;
    }
    case 'user':
      return explained.user.blockedAt === null ? null : 'blocked';
    case 'anonymous':
      return null;
  }
}

function actorOf(explained: Explained): Actor {
  switch (explained.kind) {
    case 'deploy-token':
      return { kind: 'deploy-token', token: explained.token };
    case 'user':
      return withPassword(explained);
    case 'anonymous':
      return explained;
  }
}

function withPassword({ user, roles }: { user: User; roles: Roles }): UserActor {
  const { origin } = OPERATOR;
  return { kind: 'user', user, roles, credential: { kind: 'password', version: '' }, origin };
}

/** The project that the name belongs to; at git it is the project's own path. */
export function projectOf(
  { door, name }: ExplainQuestion,
  owned: readonly OwnedPrefix[],
): Project | null {
  const key = namespaceOf(name);
  const found = owned.find(({ prefix, project }) =>
    door === 'git' ? namespaceOf(project.path) === key : liesIn(name, prefix),
  );
  return found?.project ?? null;
}

function ownFacts(explained: Explained, now: Date): Candidate[] {
  switch (explained.kind) {
    case 'deploy-token': {
      const { token, owner } = explained;
      return [
        { text: `Deploy token ${token.id} (${token.name}) of ${ownerText(owner)}`, fails: [] },
        { text: stateText(token, now), fails: ['revoked', 'expired', 'suspended'] },
        { text: `Scopes: ${token.scopes.join(', ')}`, fails: ['scope_missing'] },
      ];
    }
    case 'user': {
      const { username, isAdmin, blockedAt } = explained.user;
      const blocked = blockedAt === null ? 'Not blocked' : 'Blocked';
      return [
        { text: `Account ${username}${isAdmin ? ', an administrator' : ''}`, fails: [] },
        { text: blocked, fails: ['blocked'] },
      ];
    }
    case 'anonymous':
      return [{ text: 'Nobody is signed in', fails: ['not_signed_in'] }];
  }
}

function ownerText(owner: Owner | null): string {
  if (owner === null) {
    return 'what was removed';
  }
  return owner.kind === 'instance' ? 'the instance' : `${owner.kind} ${owner.path}`;
}

function stateText(token: DeployToken, now: Date): string {
  const { revokedAt, suspendedAt, expiresAt } = token;
  const status = deployTokenStatus(token, now);
  if (status === 'active') {
    return `Active, ${expiryText(expiresAt)}`;
  }
  const [what, ended] = {
    revoked: ['Revoked', revokedAt] as const,
    suspended: ['Suspended', suspendedAt] as const,
    expired: ['Expired', expiresAt] as const,
  }[status];
  const days = [ended].filter((instant) => instant !== null).map(formatExpiryDate);
  return [what, ...days].join(' on ');
}

function projectFacts({ door, name }: ExplainQuestion, project: Project): Candidate[] {
  const { path, visibility, archivedAt } = project;
  const what =
    door === 'git' ? `Project ${path} is there` : `Repository ${name} belongs to project ${path}`;
  const archived = archivedAt === null ? '' : ', archived';
  return [
    { text: what, fails: ['no_project'] },
    { text: `Visibility: ${visibility}${archived}`, fails: ['archived'] },
  ];
}

function noProjectFacts({ name }: ExplainQuestion): Candidate[] {
  return [{ text: `No project owns ${name}`, fails: ['no_project', 'administrators_only'] }];
}

function reachFacts(explained: Explained, project: Project): Candidate[] {
  if (explained.kind === 'deploy-token') {
    const { only } = explained.token;
    const narrowed: Candidate[] =
      only === null ? [] : [{ text: `Narrowed to ${only.join(', ')}`, fails: ['not_among_only'] }];
    return [{ text: reachText(explained), fails: ['other_project'] }, ...narrowed];
  }
  if (explained.kind === 'user') {
    const role = roleInProject(explained.roles, project) ?? 'none';
    return [{ text: `Role in ${project.path}: ${role}`, fails: ['not_a_member', 'role_too_low'] }];
  }
  return [];
}

function reachText({ owner }: Extract<Explained, { kind: 'deploy-token' }>): string {
  switch (owner?.kind) {
    case 'project':
      return `Reaches ${owner.path}`;
    case 'namespace':
      return `Reaches every project below ${owner.path}`;
    case 'instance':
      return 'Reaches every project';
    case undefined:
      return 'Reaches nothing any more';
  }
}

function verdict({ action, name }: ExplainQuestion, seen: SeenReason | null): Fact {
  return seen === null
    ? { outcome: 'passed', text: `${action} ${name}: yes` }
    : { outcome: 'stopped', text: `${action} ${name}: no, ${reasonInWords(seen)}` };
}
