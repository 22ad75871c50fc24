import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { NO_LOG } from '../../../src/log.js';
import {
  nextPause,
  startWorkers,
  type WorkerEnd,
  type WorkerProcess,
  type Workers,
} from '../../../src/process/workers.js';

const CRASH: WorkerEnd = { code: 1, signal: null, reason: null };
const DONE: WorkerEnd = { code: 0, signal: null, reason: null };

interface FakeWorker extends WorkerProcess {
  readonly end: (end: WorkerEnd) => void;
  readonly timesAsked: () => number;
}

/** A worker that ends when it is told or asked to. */
function fakeWorker(id: number, serving: Promise<void>): FakeWorker {
  const ends = new EventEmitter();
  let asked = 0;
  function end(what: WorkerEnd): void {
    ends.emit('end', what);
  }
  return {
    id,
    pid: 1,
    serving,
    exited: new Promise((resolve) => ends.once('end', resolve)),
    end,
    timesAsked: () => asked,
    stop() {
      asked += 1;
      end(DONE);
    },
  };
}

interface Fixture {
  readonly forked: readonly FakeWorker[];
  readonly pauses: readonly number[];
  readonly start: (count: number) => Promise<Workers>;
  readonly endPause: () => void;
  readonly pass: (milliseconds: number) => void;
}

function fixture({ serves = true } = {}): Fixture {
  const forked: FakeWorker[] = [];
  const pauses: number[] = [];
  const waiting = new EventEmitter();
  let clock = 0;
  return {
    forked,
    pauses,
    start: async (count) =>
      await startWorkers({
        count,
        fork() {
          const serving = serves ? Promise.resolve() : new Promise<void>(() => undefined);
          const worker = fakeWorker(forked.length + 1, serving);
          forked.push(worker);
          return worker;
        },
        log: NO_LOG,
        async pause(milliseconds, stopping) {
          pauses.push(milliseconds);
          await new Promise<void>((resolve) => {
            waiting.once('end', resolve);
            stopping.addEventListener('abort', () => resolve());
          });
        },
        clock: () => clock,
      }),
    endPause: () => waiting.emit('end'),
    pass: (milliseconds) => {
      clock += milliseconds;
    },
  };
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('startWorkers', () => {
  it('starts as many as asked for', async () => {
    const { forked, start } = fixture();

    await start(3);

    expect(forked).to.have.lengthOf(3);
  });

  it('starts no other and throws what the first one said when that one cannot serve', async () => {
    const { forked, start } = fixture({ serves: false });

    const starting = start(3);
    forked[0]?.end({ ...CRASH, reason: 'http.listen: the port is taken' });

    const error = await starting.then(null, (thrown: unknown) => thrown);
    expect(error)
      .to.be.instanceOf(AppError)
      .with.property('message', 'http.listen: the port is taken');
    expect(forked).to.have.lengthOf(1);
  });

  it('tells how the first one ended when it said nothing', async () => {
    const { forked, start } = fixture({ serves: false });

    const starting = start(2);
    forked[0]?.end({ code: null, signal: 'SIGKILL', reason: null });

    const error = await starting.then(null, (thrown: unknown) => thrown);
    expect(String(error)).to.contain('SIGKILL');
  });

  it('replaces one that ends, after a pause', async () => {
    const { forked, start, pauses, endPause } = fixture();
    await start(2);

    forked[1]?.end(CRASH);
    await settle();
    expect(forked).to.have.lengthOf(2);
    endPause();
    await settle();

    expect(forked).to.have.lengthOf(3);
    expect(pauses).to.deep.equal([100]);
  });

  it('does not loop hot when a worker can never start', async () => {
    const { forked, start, pauses, endPause } = fixture();
    await start(1);

    for (let round = 0; round < 9; round += 1) {
      forked.at(-1)?.end(CRASH);
      await settle();
      endPause();
      await settle();
    }

    expect(pauses).to.deep.equal([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it('forgets earlier faults of a worker that lived for a minute', async () => {
    const { forked, start, pauses, endPause, pass } = fixture();
    await start(1);
    for (const lived of [0, 0, 59_999, 60_000]) {
      pass(lived);
      forked.at(-1)?.end(CRASH);
      await settle();
      endPause();
      await settle();
    }

    expect(pauses).to.deep.equal([100, 200, 400, 100]);
  });

  it('asks every worker to stop, once, and replaces none of them', async () => {
    const { forked, start } = fixture();
    const workers = await start(3);

    await workers.stop();
    await settle();

    expect(forked.map(({ timesAsked }) => timesAsked())).to.deep.equal([1, 1, 1]);
  });

  it('stops during a pause without starting another worker', async () => {
    const { forked, start } = fixture();
    const workers = await start(1);
    forked[0]?.end(CRASH);
    await settle();

    await workers.stop();
    await settle();

    expect(forked).to.have.lengthOf(1);
  });
});

describe('nextPause', () => {
  for (const [lastMs, livedMs, expected] of [
    [0, 0, 100],
    [100, 0, 200],
    [8000, 59_999, 10_000],
    [10_000, 0, 10_000],
    [10_000, 60_000, 100],
  ] as const) {
    it(`is ${expected} ms after a pause of ${lastMs} ms and a life of ${livedMs} ms`, () => {
      expect(nextPause(lastMs, livedMs)).to.equal(expected);
    });
  }
});
