import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { createMetrics, type Metrics } from '../../../src/metrics/metrics.js';
import {
  createWorkerMetrics,
  SnapshotSchema,
  type MeasuredWorker,
  type WorkerMetrics,
} from '../../../src/metrics/worker-metrics.js';
import { parseScrape } from '../../support/scrape.js';
import { aState, NEW_YEAR } from './service-state.js';

const GRANTED = 'pullgate_token_requests_total{door="registry",result="granted",reason="access"}';
const DURATIONS = 'pullgate_request_duration_seconds_count{door="registry"}';

interface FakeWorker extends MeasuredWorker {
  readonly measures: Metrics;
  /** From now on it does not answer. */
  readonly hang: () => void;
  readonly end: () => Promise<void>;
}

/** A process of its own in all but the channel, which passes JSON. */
function aWorker(signingKeyNotAfter = NEW_YEAR): FakeWorker {
  const measures = createMetrics({ version: '1.2.3', lostLogLines: () => 0 });
  measures.watch(aState({ signingKeyNotAfter: () => signingKeyNotAfter, workers: 2 }));
  let isHanging = false;
  const life = new AbortController();
  return {
    measures,
    exited: once(life.signal, 'abort'),
    async metrics() {
      const snapshot: unknown = JSON.parse(JSON.stringify(await measures.snapshot()));
      return isHanging ? null : SnapshotSchema.parse(snapshot);
    },
    hang() {
      isHanging = true;
    },
    async end() {
      life.abort();
      // Whoever waits for the end has noticed it after this turn.
      await nextTurn();
    },
  };
}

function serveRequests({ measures }: FakeWorker, count: number): void {
  for (let i = 0; i < count; i += 1) {
    measures.observeRequest({
      status: 200,
      microseconds: 10_000,
      door: 'registry',
      refusedCredentials: null,
      granted: null,
    });
  }
}

describe('createWorkerMetrics', () => {
  let first: FakeWorker;
  let second: FakeWorker;
  let metrics: WorkerMetrics;

  async function scrape(): Promise<ReadonlyMap<string, number>> {
    return parseScrape(await metrics.scrape());
  }

  beforeEach(() => {
    first = aWorker();
    second = aWorker(new Date(NEW_YEAR.getTime() - 1000));
    metrics = createWorkerMetrics();
    metrics.follow(first);
    metrics.follow(second);
  });

  it('adds up what the workers counted and timed', async () => {
    serveRequests(first, 3);
    serveRequests(second, 4);

    const told = await scrape();

    expect(told.get(GRANTED)).to.equal(7);
    expect(told.get(DURATIONS)).to.equal(7);
    expect(
      told.get('pullgate_request_duration_seconds_bucket{le="0.01",door="registry"}'),
    ).to.equal(7);
  });

  it('adds up what each has for itself, and not what they share', async () => {
    const told = await scrape();

    expect(told.get('pullgate_workers')).to.equal(2);
    expect(told.get('pullgate_workers_configured')).to.equal(2);
    expect(told.get('pullgate_git_processes')).to.equal(4);
    expect(told.get('pullgate_git_processes_max')).to.equal(16);
    expect(told.get('pullgate_deploy_tokens_active')).to.equal(4);
    expect(told.get('pullgate_database_up')).to.equal(1);
    expect(told.get('pullgate_build_info{version="1.2.3"}')).to.equal(1);
  });

  it('tells the worst: the key of a worker that has not followed a rotation yet', async () => {
    const told = await scrape();

    expect(told.get('pullgate_signing_key_expiry_timestamp_seconds')).to.equal(
      NEW_YEAR.getTime() / 1000 - 1,
    );
  });

  it('keeps what a worker counted after its end, and adds what the next one counts', async () => {
    serveRequests(first, 3);
    serveRequests(second, 4);
    await scrape();
    await first.end();
    await second.end();
    const meanwhile = await scrape();
    const third = aWorker();
    metrics.follow(third);
    serveRequests(third, 2);
    const later = await scrape();

    expect(meanwhile.get(GRANTED)).to.equal(7);
    expect(meanwhile.get(DURATIONS)).to.equal(7);
    expect(meanwhile.has('pullgate_workers')).to.equal(false);
    expect(later.get(GRANTED)).to.equal(9);
    expect(later.get('pullgate_workers')).to.equal(1);
  });

  it('keeps the counts of a worker that hangs, and does not count it as one that answers', async () => {
    serveRequests(first, 3);
    serveRequests(second, 4);
    await scrape();
    first.hang();
    serveRequests(second, 1);

    const told = await scrape();

    expect(told.get(GRANTED)).to.equal(8);
    expect(told.get('pullgate_workers')).to.equal(1);
    expect(told.get('pullgate_git_processes')).to.equal(2);
  });
});
