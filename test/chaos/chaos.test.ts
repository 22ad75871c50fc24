import { expect } from 'chai';
import type { FaultReport } from './fault.js';
import { FAULTS } from './faults.js';

const SHORT = FAULTS.filter(({ isLong }) => isLong !== true);
/** Each fault has a service of its own, and most of its time is waiting. */
const AT_ONCE = 3;

describe('a service that is harmed', () => {
  const reports = new Map<string, FaultReport | Error>();

  before(async () => {
    const waiting = [...SHORT];
    async function happenInTurn(): Promise<void> {
      for (let fault = waiting.pop(); fault !== undefined; fault = waiting.pop()) {
        const { name, happen } = fault;
        reports.set(
          name,
          await happen().catch((error: unknown) => new Error(name, { cause: error })),
        );
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, happenInTurn));
  });

  for (const { name } of SHORT) {
    it(`keeps what it has promised, and recovers: ${name}`, () => {
      const report = reports.get(name);
      if (report === undefined || report instanceof Error) {
        throw report ?? new Error('It did not happen.');
      }

      expect(report.lost, report.did).to.equal(0);
    });
  }
});
