/**
 * A test has two seconds (.mocharc.json), so that a slow one shows; a hook has more, to set things up.
 * Tests that wait for real programs have what their folder has here. Any may still set its own.
 */

const { sep } = require('node:path');

const SECONDS_BY_FOLDER = new Map([
  ['git', 120],
  ['evidence', 60],
  ['integration', 180],
  ['browser', 180],
  ['replicas', 180],
  ['chaos', 300],
  ['fuzz', 300],
]);
const HOOK_SECONDS = 20;
const HOOKS = ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'];

exports.mochaHooks = {
  beforeAll() {
    const root = this.test.parent;
    for (const suite of root.suites) {
      const seconds = SECONDS_BY_FOLDER.get(folderOf(suite.file));
      extend(suite, {
        from: root.timeout(),
        test: seconds === undefined ? root.timeout() : seconds * 1000,
        hook: (seconds ?? HOOK_SECONDS) * 1000,
      });
    }
  },
};

/** The folder below dist/test. */
function folderOf(file = '') {
  const parts = file.split(sep);
  return parts[parts.lastIndexOf('test') + 1];
}

/** Leaves alone whatever set its own, and so no longer has `from`. */
function extend(suite, { from, test, hook }) {
  const hooks = HOOKS.flatMap((name) => suite.getHooks(name));
  for (const [runnables, to] of [
    [suite.tests, test],
    [hooks, hook],
  ]) {
    for (const runnable of runnables.filter((each) => each.timeout() === from)) {
      runnable.timeout(to);
    }
  }
  for (const inner of suite.suites) {
    extend(inner, { from, test, hook });
  }
}
