import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { AppError } from '../../../src/access/errors.js';
import { NO_LOG } from '../../../src/log.js';
import {
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
}

/** By default, each comes to serve. */
function fixture({ serves = () => true }: { serves?: (id: number) => boolean } = {}): Fixture {
  const forked: FakeWorker[] = [];
  const pauses: number[] = [];
  const waiting = new EventEmitter();
  return {
    forked,
    pauses,
    start: async (count) =>
      await startWorkers({
        count,
        fork() {
          const id = forked.length + 1;
          const serving = serves(id) ? Promise.resolve() : new Promise<void>(() => undefined);
          const worker = fakeWorker(id, serving);
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
      }),
    endPause: () => waiting.emit('end'),
  };
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function crash(rounds: number, { forked, endPause }: Fixture): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    forked.at(-1)?.end(CRASH);
    await settle();
    endPause();
    await settle();
  }
}

describe('startWorkers', () => {
  it('starts as many as asked for', async () => {
    const { forked, start } = fixture();

    await start(3);

    expect(forked).to.have.lengthOf(3);
  });

  it('starts no other and throws what the first one said when that one cannot serve', async () => {
    const { forked, start } = fixture({ serves: () => false });

    const starting = start(3);
    forked[0]?.end({ ...CRASH, reason: 'http.listen: the port is taken' });

    const error = await starting.then(null, (thrown: unknown) => thrown);
    expect(error)
      .to.be.instanceOf(AppError)
      .with.property('message', 'http.listen: the port is taken');
    expect(forked).to.have.lengthOf(1);
  });

  it('tells how the first one ended when it said nothing', async () => {
    const { forked, start } = fixture({ serves: () => false });

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

  it('does not loop hot when a worker can no longer start', async () => {
    const workers = fixture({ serves: (id) => id === 1 });
    await workers.start(1);

    await crash(9, workers);

    expect(workers.pauses).to.deep.equal([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it('replaces one soon that served, however often that is killed', async () => {
    const workers = fixture();
    await workers.start(1);

    await crash(9, workers);

    expect(new Set(workers.pauses)).to.deep.equal(new Set([100]));
  });

  it('forgets that none came to serve once one has', async () => {
    const workers = fixture({ serves: (id) => id === 1 || id === 4 });
    await workers.start(1);

    await crash(6, workers);

    expect(workers.pauses).to.deep.equal([100, 200, 400, 100, 200, 400]);
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
