import { startApp, type TestApp, type TestAppOptions } from './start-app.js';

/** Or what makes them, once what was declared before has started. */
type Options = TestAppOptions | (() => Promise<TestAppOptions>);

/** An app for the tests of a `describe`: starts before the first of them, and stops after the last. */
export function withApp(options?: Options): TestApp {
  const { app, start, stop } = lateApp(options);
  before(start);
  after(stop);
  return app;
}

/** A new app for each test of a `describe`. */
export function withAppForEach(options?: Options): TestApp {
  const { app, start, stop } = lateApp(options);
  beforeEach(start);
  afterEach(stop);
  return app;
}

/** Hooks and tests may read it; not the body of a `describe`, which runs before anything starts. */
function lateApp(options?: Options): {
  readonly app: TestApp;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
} {
  let started: TestApp | null = null;
  function current(): TestApp {
    if (started === null) {
      throw new Error('The app of these tests has not started.');
    }
    return started;
  }
  async function stop(): Promise<void> {
    await started?.stop();
    started = null;
  }
  return {
    app: {
      get service() {
        return current().service;
      },
      get origin() {
        return current().origin;
      },
      get metricsOrigin() {
        return current().metricsOrigin;
      },
      get folder() {
        return current().folder;
      },
      log: () => current().log(),
      stop,
    },
    async start() {
      started = await startApp(typeof options === 'function' ? await options() : options);
    },
    stop,
  };
}
