/** Somebody signed in to the web pages, and when that ends by itself. */

export interface Session {
  readonly id: number;
  readonly userId: number;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** Whatever happens, it ends then. */
  readonly expiresAt: Date;
  readonly client: string;
  readonly address: string;
}

export function isSessionAlive(session: Session, now: Date, idleMinutes: number): boolean {
  return (
    now < session.expiresAt && now.getTime() < session.lastSeenAt.getTime() + idleMinutes * 60_000
  );
}
