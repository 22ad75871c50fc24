/** What is known of a database that was put back to an earlier time. */

export interface UndoneRevocation {
  readonly kind: 'deploy_token' | 'access_token';
  readonly id: number;
  readonly name: string;
  readonly revokedAt: Date;
}

export interface Rewind {
  readonly noticedAt: Date;
  /** The latest time that the database is known to have been at before. */
  readonly from: Date;
  /** Revoked since then, and active again. */
  readonly undone: readonly UndoneRevocation[];
}
