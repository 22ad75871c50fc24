import type { Connection } from 'mysql2/promise';
import { z } from 'zod';
import { DatabaseAway } from '../database-errors.js';

const Variables = z.array(z.object({ Variable_name: z.string(), Value: z.string() }));

/** How long the server keeps a session that says nothing, and the locks that it holds. */
const SILENCE_SECONDS = 30;

/**
 * Makes a new session independent of how the server is set up. Throws DatabaseAway for a node of a
 * Galera cluster that is not ready to serve.
 */
export async function prepareSession(
  connection: Pick<Connection, 'query'>,
  timeoutMs: number,
): Promise<void> {
  const [rows] = await connection.query(
    "SHOW VARIABLES WHERE Variable_name IN ('wsrep_on', 'group_replication_consistency')",
  );
  const variables = new Map(
    Variables.parse(rows).map(({ Variable_name, Value }) => [Variable_name, Value]),
  );
  const timeoutSeconds = Math.ceil(timeoutMs / 1000);
  const settings = [
    // Never cut what does not fit; a backslash escapes, as mysql2 takes for granted.
    "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
    "time_zone = '+00:00'",
    `wait_timeout = ${Math.max(SILENCE_SECONDS, timeoutSeconds)}`,
    `innodb_lock_wait_timeout = ${timeoutSeconds}`,
  ];
  if (variables.get('wsrep_on') === 'ON') {
    await requireReady(connection);
    // A read waits until this node has applied what any node had committed before it.
    settings.push('wsrep_sync_wait = @@SESSION.wsrep_sync_wait | 1');
  }
  // The same of MySQL Group Replication, unless it was set up to be stricter.
  const consistency = variables.get('group_replication_consistency') ?? '';
  if (['EVENTUAL', 'BEFORE_ON_PRIMARY_FAILOVER'].includes(consistency)) {
    settings.push("group_replication_consistency = 'BEFORE'");
  }
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  await connection.query(`SET ${settings.map((setting) => `SESSION ${setting}`).join(', ')}`);
}

async function requireReady(connection: Pick<Connection, 'query'>): Promise<void> {
  const [rows] = await connection.query("SHOW STATUS LIKE 'wsrep_ready'");
  if (Variables.parse(rows)[0]?.Value !== 'ON') {
    throw new DatabaseAway('this node of the Galera cluster is not ready');
  }
}
