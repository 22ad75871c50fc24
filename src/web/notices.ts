/** What a page says once after a redirect. The address carries a key; a stranger can write no text. */

const NOTICES = {
  'token-revoked': 'The deploy token is revoked. It is refused from the next request on.',
  'form-used': 'This form was sent already, and what it made is no longer shown.',
  'project-created': 'The project is created, with an empty git repository.',
  'project-removed': 'The project is removed, and its deploy tokens are revoked.',
  'visibility-changed': 'The visibility is changed.',
  archived: 'The project is archived: everything in it is read-only now.',
  unarchived: 'The project is active again.',
  'member-set': 'The member has the role now.',
  'member-removed': 'The member is removed.',
  'password-changed': 'Your password is changed, and your other sessions are signed out.',
  'access-token-revoked': 'The personal access token is revoked.',
  'session-ended': 'The session is signed out.',
  'user-blocked': 'The user is blocked and signed out everywhere.',
  'user-unblocked': 'The user may sign in again.',
  welcome: 'The administrator is created. Sign in to go on.',
  'signed-out': 'You are signed out.',
} as const;

export type Notice = keyof typeof NOTICES;

export function noticeText(key: string): string | null {
  return Object.entries(NOTICES).find(([name]) => name === key)?.[1] ?? null;
}
