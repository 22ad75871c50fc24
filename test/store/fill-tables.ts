import type { DataSource } from 'typeorm';

/**
 * Ten thousand rows of each kind, of which the project or the user whose list is read has every tenth;
 * the database makes them itself. Some projects are removed and have no `path_key`.
 */
const ROWS: Readonly<Record<string, string>> = {
  users: `SELECT i AS id, CONCAT('user-', i) AS username, CONCAT('user-', i) AS username_key,
    'Ada' AS display_name, NULL AS password_hash, 0 AS is_admin, NULL AS blocked_at, i AS created_at`,
  projects: `SELECT i AS id, CONCAT('a/', i) AS path,
    CASE WHEN i % 4 = 0 THEN NULL ELSE CONCAT('a/', i) END AS path_key,
    CASE WHEN i % 2 = 0 THEN 'private' ELSE 'public' END AS visibility, NULL AS archived_at,
    CASE WHEN i % 4 = 0 THEN i ELSE NULL END AS removed_at, i AS created_at`,
  members: `SELECT 1 + i % 10 AS project_id, i AS user_id, 'guest' AS role`,
  deploy_tokens: `SELECT i AS id, 1 + i % 10 AS project_id, 'ci' AS name, 'ci' AS username,
    CONCAT('d', i) AS secret_digest, 'read_registry' AS scopes, NULL AS expires_at, i AS created_at,
    NULL AS created_by, CASE WHEN i % 3 = 0 THEN i ELSE NULL END AS revoked_at, NULL AS revoked_by`,
  deploy_token_uses: `SELECT i AS deploy_token_id, i AS used_at, 'git' AS door, '::1' AS address,
    'git/2.39.5' AS user_agent, 'a/b' AS repository`,
  personal_access_tokens: `SELECT i AS id, 1 + i % 10 AS user_id, 'laptop' AS name,
    CONCAT('d', i) AS secret_digest, 'api' AS scopes, NULL AS expires_at, i AS created_at,
    CASE WHEN i % 3 = 0 THEN i ELSE NULL END AS revoked_at`,
  sessions: `SELECT i AS id, 1 + i % 10 AS user_id, CONCAT('d', i) AS secret_digest, i AS created_at,
    i AS last_seen_at, 4102444800000 AS expires_at, 'browser' AS client, '' AS address`,
  audit_events: `SELECT i AS id, i AS at,
    CASE WHEN i % 10 = 0 THEN 'signed_out' ELSE 'signed_in' END AS action, NULL AS actor_id,
    CONCAT('ada-', 1 + i % 10) AS actor, 1 + i % 10 AS project_id, 'a/b' AS project_path,
    1 + i % 10 AS subject_id, '' AS subject, '' AS detail,
    'web' AS door, NULL AS address, NULL AS request_id`,
};
const DIGITS = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ');
const NUMBERS = `SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS i
  FROM (${DIGITS}) a, (${DIGITS}) b, (${DIGITS}) c, (${DIGITS}) e`;

/** How many migrations the version had whose tables are filled here. */
export const MIGRATIONS_BEFORE = 7;

/** Makes and fills the tables of the version before; what it gives migrates them to this version. */
export async function fillBefore(db: DataSource): Promise<() => Promise<void>> {
  const later = db.migrations.splice(MIGRATIONS_BEFORE);
  await db.runMigrations();
  await fillTables(db);
  return async () => {
    db.migrations.push(...later);
    await db.runMigrations();
  };
}

/** Those of the version before. */
export async function fillTables(db: DataSource): Promise<void> {
  for (const [table, select] of Object.entries(ROWS)) {
    const columns = [...select.matchAll(/ AS (\w+)(?:,|$)/g)].map(([, column]) => column);
    await db.query(
      `INSERT INTO ${table} (${columns.join(', ')}) ${select} FROM (${NUMBERS}) numbers`,
    );
    if (db.options.type !== 'better-sqlite3') {
      await db.query(`ANALYZE TABLE ${table}`);
    }
  }
}
