import { clockJump } from './clock.js';
import { descriptorsExhausted, idleConnections, slowBodies, slowHeaders } from './connections.js';
import type { Fault } from './fault.js';
import { pipelined, revokedBetweenRequests, slowFetches } from './floods.js';
import { databaseKilled, killUnderWrites } from './kill.js';
import { certsRemoved, diskFull, lockedDatabase, readOnlyDatabase } from './storage.js';

export const FAULTS: readonly Fault[] = [
  killUnderWrites,
  databaseKilled,
  diskFull,
  readOnlyDatabase,
  lockedDatabase,
  certsRemoved,
  clockJump,
  descriptorsExhausted,
  idleConnections,
  slowBodies,
  slowHeaders,
  pipelined,
  slowFetches,
  revokedBetweenRequests,
];
