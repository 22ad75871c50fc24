/** Who may fetch from and push to a project's git repository, and what a refused one is told. */

import { credentialsOf, type Actor } from './actor.js';
import { AppError, type ErrorCode } from './errors.js';
import { decide, mayUseGit } from './permissions.js';
import type { Project } from './project.js';
import type { Reason } from './reason.js';

export type GitAction = 'fetch' | 'push';

/** For a project that is missing and one that is hidden alike. */
const NOT_FOUND =
  'The project you were looking for could not be found, or you have no permission to see it.';
const LOGIN =
  'A username and a token are needed: a deploy token with read_repository, for example.';

export interface GitRefusal {
  readonly reason: Reason;
  /** What the caller is told, which never is more than it may know. */
  readonly error: AppError;
}

/**
 * Why the actor may not do this; null when it may. Anonymous is always asked to log in, whether the
 * project is missing or hidden: git holds its credentials back until it sees a 401.
 */
export function gitRefusal(
  actor: Actor,
  action: GitAction,
  project: Project | null,
): GitRefusal | null {
  if (!mayUseGit(actor)) {
    const text = `${credentialsOf(actor)} has ${neededScope(actor, action)}.`;
    return { reason: 'scope_missing', error: new AppError('forbidden', text) };
  }
  if (project === null) {
    return { reason: 'no_project', error: askOr(actor, 'not_found', NOT_FOUND) };
  }
  const hidden = decide(actor, 'clone', project);
  if (hidden !== null) {
    return { reason: hidden, error: askOr(actor, 'not_found', NOT_FOUND) };
  }
  const reason = action === 'fetch' ? null : decide(actor, 'git_push', project);
  return reason === null
    ? null
    : { reason, error: askOr(actor, 'forbidden', pushRefusal(actor, project)) };
}

function askOr(actor: Actor, code: ErrorCode, text: string): AppError {
  return actor.kind === 'anonymous'
    ? new AppError('invalid_credentials', LOGIN)
    : new AppError(code, text);
}

function neededScope(actor: Actor, action: GitAction): string {
  return actor.kind === 'user' && action === 'push'
    ? 'no write_repository scope'
    : 'no read_repository scope';
}

function pushRefusal(actor: Actor, project: Project): string {
  if (actor.kind === 'deploy-token') {
    return 'A deploy token only reads: it cannot push.';
  }
  if (project.archivedAt !== null) {
    return 'This project is archived: nobody can push to it.';
  }
  return 'You are not allowed to push to this project: that takes the role developer, and write_repository in a personal access token.';
}
