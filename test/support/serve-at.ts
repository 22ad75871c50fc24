/**
 * Run as `node serve-at.js 2027-01-31T23:59:59.000Z`: serves, configured by its environment, with a
 * clock that stands still at that instant. Prints its port and its time zone, and ends at SIGTERM.
 */

import { z } from 'zod';
import { loadConfig } from '../../src/config/load.js';
import { NO_LOG } from '../../src/log.js';
import { startMeasuredService } from '../../src/process/metrics-listener.js';
import { stopSignal } from '../../src/process/serve.js';

const instant = z.iso.datetime().parse(process.argv[2]);
const { config } = await loadConfig(process.env);
const service = await startMeasuredService({
  config,
  log: NO_LOG,
  now: () => new Date(instant),
  path: process.env['PATH'] ?? '',
  migrate: true,
});
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
process.stdout.write(`${JSON.stringify({ port: service.port, timeZone })}\n`);
await stopSignal();
await service.stop();
