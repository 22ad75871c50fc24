/** `npm run chaos -- --rounds N [--fault NAME]`: harms running services, and counts what they lose. */

import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FAULTS } from './faults.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1' }, fault: { type: 'string' } },
});
const rounds = z.coerce.number().int().positive().parse(values.rounds);
const chosen = FAULTS.filter(({ name }) => (values.fault ?? name) === name);
let happened = 0;
let lost = 0;
let failed = 0;

for (let round = 1; round <= rounds; round += 1) {
  for (const fault of chosen) {
    try {
      const report = await fault.happen();
      process.stdout.write(`${fault.name}: ${report.did}, ${report.lost} lost\n`);
      lost += report.lost;
    } catch (error) {
      process.stdout.write(`${fault.name}: ${String(error)}\n`);
      failed += 1;
    }
    happened += 1;
  }
}
process.stdout.write(
  `${rounds} rounds, ${happened} faults, ${lost} acknowledged writes lost, ${failed} faults not withstood\n`,
);
process.exitCode = lost === 0 && failed === 0 && happened > 0 ? 0 : 1;
