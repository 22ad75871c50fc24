import { OPERATOR_PREFIX } from '../../../access/actor.js';
import { isAuditAction, type AuditAction, type AuditEvent } from '../../../access/audit-event.js';

/** What was done, as the rest of a sentence behind who did it: words, the name of the object, words. */
export interface Deed {
  readonly before: string;
  /** Null where the sentence names none. */
  readonly name: string | null;
  readonly after: string;
  /** What was chosen, where the sentence does not say it. */
  readonly detail: string;
}

/** `…` stands for the name, `%` for the detail. Titles are what a filter offers. */
const WORDS: Readonly<Record<AuditAction, { readonly title: string; readonly sentence: string }>> =
  {
    deploy_token_created: {
      title: 'Deploy token created',
      sentence: 'created the deploy token …',
    },
    deploy_token_revoked: {
      title: 'Deploy token revoked',
      sentence: 'revoked the deploy token …',
    },
    member_set: { title: 'Role given', sentence: 'gave … the role %' },
    member_removed: { title: 'Member removed', sentence: 'removed the member …' },
    namespace_created: { title: 'Namespace created', sentence: 'created the namespace …' },
    namespace_changed: { title: 'Namespace changed', sentence: 'changed the namespace …' },
    namespace_removed: { title: 'Namespace removed', sentence: 'removed the namespace …' },
    project_created: { title: 'Project created', sentence: 'created the project …' },
    project_adopted: {
      title: 'Git repository adopted',
      sentence: 'adopted a git repository for …',
    },
    project_changed: { title: 'Project changed', sentence: 'changed the project …' },
    project_visibility_changed: { title: 'Visibility changed', sentence: 'made … %' },
    project_default_branch_changed: {
      title: 'Default branch changed',
      sentence: 'made % the default branch of …',
    },
    image_prefix_added: { title: 'Images added', sentence: 'gave … the images below %' },
    image_prefix_removed: {
      title: 'Images taken away',
      sentence: 'took from … the images below %',
    },
    project_archived: { title: 'Project archived', sentence: 'archived …' },
    project_unarchived: { title: 'Project made active again', sentence: 'made … active again' },
    project_removed: { title: 'Project removed', sentence: 'removed the project …' },
    project_path_freed: { title: 'Path released', sentence: 'released the path …' },
    user_created: { title: 'User created', sentence: 'created the user …' },
    user_changed: { title: 'User changed', sentence: 'changed the user …' },
    user_blocked: { title: 'User blocked', sentence: 'blocked …' },
    user_unblocked: { title: 'User unblocked', sentence: 'unblocked …' },
    user_removed: { title: 'User removed', sentence: 'removed the user …' },
    user_promoted: { title: 'Made an administrator', sentence: 'made … an administrator' },
    user_demoted: {
      title: 'Administrator no more',
      sentence: 'took the rights of an administrator from …',
    },
    user_password_changed: { title: 'Password changed', sentence: 'changed the password of …' },
    invitation_created: { title: 'Invitation created', sentence: 'invited …' },
    invitation_revoked: { title: 'Invitation revoked', sentence: 'revoked the invitation of …' },
    access_token_created: {
      title: 'Personal access token created',
      sentence: 'created the personal access token …',
    },
    access_token_revoked: {
      title: 'Personal access token revoked',
      sentence: 'revoked the personal access token …',
    },
    signed_in: { title: 'Signed in', sentence: 'signed in' },
    sign_in_refused: { title: 'Sign-in refused', sentence: 'could not sign in as …' },
    signed_out: { title: 'Signed out', sentence: 'signed out' },
    ca_accepted: { title: 'CA accepted', sentence: 'accepted the CA …' },
    key_rotated: { title: 'Signing key rotated', sentence: 'issued the signing key …' },
  };

/** Of a refused sign-in; the others read well as they are. */
const REFUSALS: Readonly<Record<string, string>> = {
  wrong_password: 'wrong password',
  unknown: 'no such user',
  blocked: 'the user is blocked',
};

export function actionTitle(action: AuditAction): string {
  return WORDS[action].title;
}

export function deedOf({ action, subject, detail }: AuditEvent): Deed {
  if (action === 'sign_in_refused') {
    const why = REFUSALS[detail] ?? detail;
    // Of an unknown user no name is kept.
    return subject === ''
      ? { before: 'could not sign in', name: null, after: '', detail: why }
      : { before: 'could not sign in as', name: subject, after: '', detail: why };
  }
  // What a newer version wrote is told by its name.
  const sentence = isAuditAction(action) ? WORDS[action].sentence : `${action} …`;
  const saysDetail = sentence.includes('%') && detail !== '';
  const [before = '', after = ''] = sentence
    .replace('%', () => detail)
    .split('…')
    .map((part) => part.trim());
  return {
    before,
    name: sentence.includes('…') ? subject : null,
    after,
    detail: saysDetail ? '' : detail,
  };
}

/** Who did it: a username, the operator of the command line, or a stranger. */
export function actorName({ actor }: Pick<AuditEvent, 'actor'>): string {
  if (actor === '') {
    return 'Somebody';
  }
  if (!actor.startsWith(OPERATOR_PREFIX)) {
    return actor;
  }
  const account = actor.slice(OPERATOR_PREFIX.length);
  return account === '' ? 'The operator' : `The operator (${account})`;
}
