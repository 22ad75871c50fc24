/**
 * Mocha's spec reporter, and a closing line that a machine can read: on standard output, or, for
 * `npm test`, which has a step more, in the file that PULLGATE_TEST_STATS names.
 */

const { writeFileSync } = require('node:fs');
const { reporters } = require('mocha');

/** Longer than any clean-up takes; a handle open for longer was forgotten by a test. */
const OPEN_HANDLE_MS = 30_000;

module.exports = class ClosingLine extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      const file = process.env['PULLGATE_TEST_STATS'];
      if (file === undefined) {
        const skipped = pending === 0 ? '' : `, ${pending} skipped`;
        process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
      } else {
        writeFileSync(file, JSON.stringify({ passes, failures }));
      }
      setTimeout(() => {
        process.stderr.write('A test left something open that keeps the process alive.\n');
        process.exit(1);
      }, OPEN_HANDLE_MS).unref();
    });
  }
};
