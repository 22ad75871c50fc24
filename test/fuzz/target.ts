/** Something that is tried with inputs made at random; the same seed makes the same inputs. */

import * as fc from 'fast-check';

export interface FuzzTarget {
  readonly name: string;
  readonly run: (options: FuzzOptions) => Promise<FuzzResult>;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
}

export interface FuzzResult {
  readonly runs: number;
  /** How often each thing happened, so that a target that never gets anywhere is seen. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** The smallest input that fails, and why; null when none did. */
  readonly failure: string | null;
}

/** `check` throws for what must not happen, and says in a word what did. */
export function target<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  check: (input: T) => Promise<string> | string,
): FuzzTarget {
  return {
    name,
    async run({ seed, runs }) {
      const outcomes = new Map<string, number>();
      const property = fc.asyncProperty(inputs, async (input) => {
        const outcome = await check(input);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      });
      const details = await fc.check(property, { seed, numRuns: runs });
      const report = await fc.asyncDefaultReportMessage(details);
      return {
        runs: details.numRuns,
        outcomes,
        failure: report === undefined ? null : `${report}\n${String(details.errorInstance)}`,
      };
    },
  };
}
