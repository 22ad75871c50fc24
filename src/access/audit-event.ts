/** What the audit trail keeps: who did what to what, from where. Never a secret. */

import type { Origin } from './actor.js';

/** What can happen, and what it happens to. */
export const AUDIT_ACTIONS = {
  deploy_token_created: 'deploy_token',
  deploy_token_revoked: 'deploy_token',
  member_set: 'user',
  member_removed: 'user',
  namespace_created: 'namespace',
  namespace_changed: 'namespace',
  namespace_removed: 'namespace',
  project_created: 'project',
  project_adopted: 'project',
  project_changed: 'project',
  project_visibility_changed: 'project',
  project_default_branch_changed: 'project',
  image_prefix_added: 'project',
  image_prefix_removed: 'project',
  project_archived: 'project',
  project_unarchived: 'project',
  project_removed: 'project',
  project_path_freed: 'project',
  user_created: 'user',
  user_changed: 'user',
  user_blocked: 'user',
  user_unblocked: 'user',
  user_removed: 'user',
  user_promoted: 'user',
  user_demoted: 'user',
  user_password_changed: 'user',
  invitation_created: 'invitation',
  invitation_revoked: 'invitation',
  access_token_created: 'personal_access_token',
  access_token_revoked: 'personal_access_token',
  signed_in: 'user',
  sign_in_refused: 'user',
  signed_out: 'user',
  key_rotated: 'signing_key',
  ca_accepted: 'signing_key',
} as const;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
export type AuditSubjectKind = (typeof AUDIT_ACTIONS)[AuditAction];

export const AUDIT_ACTION_NAMES = Object.keys(AUDIT_ACTIONS).filter(isAuditAction);
export const AUDIT_SUBJECT_KINDS = [...new Set(Object.values(AUDIT_ACTIONS))];

/** What can be done to things of this kind. */
export function actionsOn(kind: AuditSubjectKind): AuditAction[] {
  return AUDIT_ACTION_NAMES.filter((action) => AUDIT_ACTIONS[action] === kind);
}

export interface AuditEvent {
  readonly id: number;
  readonly at: Date;
  /** An `AuditAction`, or what a newer version of Pullgate wrote. */
  readonly action: string;
  /** The user who did it; null for the operator, and for whoever could not sign in. */
  readonly actorId: number | null;
  /** As in the log: the username, `operator:` with an account of the host if known, or empty for a stranger. */
  readonly actor: string;
  /** Where it was done: in a project, in a namespace, or in neither. */
  readonly projectId: number | null;
  /** Of that time. */
  readonly projectPath: string | null;
  readonly namespaceId: number | null;
  readonly namespacePath: string | null;
  readonly subjectId: number | null;
  readonly subject: string;
  /** What was chosen, such as the role or the scopes; empty for nothing to choose. */
  readonly detail: string;
  /** Its door is a `DoorName`, or that of a newer version. */
  readonly origin: Omit<Origin, 'door'> & { readonly door: string };
}

export interface NewAuditEvent extends Omit<AuditEvent, 'id'> {
  readonly action: AuditAction;
  readonly origin: Origin;
}

/** Null for an action that this version does not know. */
export function subjectKindOf(action: string): AuditSubjectKind | null {
  return isAuditAction(action) ? AUDIT_ACTIONS[action] : null;
}

export function isAuditAction(text: string): text is AuditAction {
  return Object.hasOwn(AUDIT_ACTIONS, text);
}
