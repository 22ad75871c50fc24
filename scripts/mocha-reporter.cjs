/** Mocha's spec reporter, and a closing line that a machine can read. */

const { reporters } = require('mocha');

/** Longer than any clean-up takes; a handle open for longer was forgotten by a test. */
const OPEN_HANDLE_MS = 30_000;

module.exports = class ClosingLine extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = runner.stats;
      const skipped = pending === 0 ? '' : `, ${pending} skipped`;
      process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
      setTimeout(() => {
        process.stderr.write('A test left something open that keeps the process alive.\n');
        process.exit(1);
      }, OPEN_HANDLE_MS).unref();
    });
  }
};
