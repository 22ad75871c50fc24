export interface User {
  readonly id: number;
  readonly username: string;
  readonly displayName: string;
  readonly isAdmin: boolean;
  readonly blockedAt: Date | null;
  readonly createdAt: Date;
}

const USERNAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/;

/** No colon fits, so a user's name can never read like the subject of a deploy token. */
export function isUsername(text: string): boolean {
  return USERNAME.test(text);
}

/** Usernames are unique without regard to case; this is the form that is compared. */
export function usernameKey(username: string): string {
  return username.toLowerCase();
}
