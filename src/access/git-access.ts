/** Who may fetch from and push to a project's git repository, and what a refused one is told. */

import { credentialsOf, type Actor } from './actor.js';
import { AppError } from './errors.js';
import { decide, mayUseGit } from './permissions.js';
import type { Project } from './project.js';
import type { Reason } from './reason.js';
import { asPhrase } from './told-reason.js';

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
    const text = `${credentialsOf(actor)} has ${neededScope(actor, action)}`;
    return { reason: 'scope_missing', error: forbidden(`${text}.`, asPhrase(text)) };
  }
  if (project === null) {
    return { reason: 'no_project', error: notFound(actor) };
  }
  const hidden = decide(actor, 'clone', project);
  if (hidden !== null) {
    return { reason: hidden, error: notFound(actor) };
  }
  const reason = action === 'fetch' ? null : decide(actor, 'git_push', project);
  return reason === null ? null : { reason, error: ask(actor) ?? pushRefusal(actor, project) };
}

/** For somebody who has not said who they are; null for others. */
function ask(actor: Actor): AppError | null {
  return actor.kind === 'anonymous' ? new AppError('invalid_credentials', LOGIN) : null;
}

function forbidden(text: string, phrase: string): AppError {
  return new AppError('forbidden', text, { phrase });
}

function notFound(actor: Actor): AppError {
  return ask(actor) ?? new AppError('not_found', NOT_FOUND);
}

function neededScope(actor: Actor, action: GitAction): string {
  return actor.kind === 'user' && action === 'push'
    ? 'no write_repository scope'
    : 'no read_repository scope';
}

function pushRefusal(actor: Actor, project: Project): AppError {
  if (actor.kind === 'deploy-token') {
    return forbidden('A deploy token only reads: it cannot push.', 'a deploy token only reads');
  }
  if (project.archivedAt !== null) {
    return forbidden(
      'This project is archived: nobody can push to it.',
      'this project is archived',
    );
  }
  return forbidden(
    'You are not allowed to push to this project: that takes the role developer, and write_repository in a personal access token.',
    'a push takes the role developer and write_repository',
  );
}
