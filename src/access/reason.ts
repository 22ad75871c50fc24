/** Why somebody may not do something: for the log and those who may see it, not always for the caller. */

export const REASONS = [
  /** Nobody is signed in, and this takes somebody. */
  'not_signed_in',
  /** No role in the project, which takes one. */
  'not_a_member',
  'role_too_low',
  'administrators_only',
  /** The deploy token or personal access token lacks the scope. */
  'scope_missing',
  /** The deploy token belongs to another project, or to a namespace that the project is not in. */
  'other_project',
  /** The deploy token reaches a part of what it belongs to, and this is not in it. */
  'not_among_only',
  /** Pushing, deleting and managing: no deploy token ever does. */
  'not_for_deploy_tokens',
  /** The project is read-only. */
  'archived',
  /** No project owns the repository name, which leaves it to administrators. */
  'no_project',
  /** Asked of the registry: something that is neither a repository nor the catalogue. */
  'unknown_resource',
  'unknown_action',
  /** More repositories in one request than are looked up for it. */
  'too_many_names',
] as const;
export type Reason = (typeof REASONS)[number];
