import { expect } from 'chai';
import { Registry } from 'prom-client';
import {
  observeRequests,
  type ObservedRequest,
  type RequestObserver,
} from '../../../src/metrics/request-metrics.js';
import { REFUSALS } from '../../../src/access/credential.js';

function aRequest(overrides: Partial<ObservedRequest> = {}): ObservedRequest {
  return {
    status: 200,
    microseconds: 2000,
    door: 'registry',
    refusedCredentials: null,
    granted: null,
    ...overrides,
  };
}

describe('observeRequests', () => {
  let registry: Registry;
  let observe: RequestObserver;

  beforeEach(() => {
    registry = new Registry();
    observe = observeRequests(registry);
  });

  /** The samples of a metric that are not 0, without its name. */
  async function samples(name: string): Promise<string[]> {
    const text = await registry.getSingleMetricAsString(name);
    return text
      .split('\n')
      .filter((line) => line.startsWith(name) && !line.endsWith(' 0'))
      .map((line) => line.slice(name.length));
  }

  for (const [status, reason] of [
    [400, 'bad_request'],
    [401, 'no_credentials'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [405, 'bad_request'],
    [413, 'bad_request'],
    [429, 'rate_limited'],
  ] as const) {
    it(`counts a ${status} without a refusal of credentials as ${reason}`, async () => {
      observe(aRequest({ status }));

      expect(await samples('pullgate_token_requests_total')).to.deep.equal([
        `{door="registry",result="refused",reason="${reason}"} 1`,
      ]);
    });
  }

  for (const [status, reason] of [
    [499, 'client_gone'],
    [500, 'error'],
    [503, 'unavailable'],
  ] as const) {
    it(`counts a ${status} as ${reason}, which is no refusal`, async () => {
      observe(aRequest({ status, door: 'git' }));

      expect(await samples('pullgate_token_requests_total')).to.deep.equal([
        `{door="git",result="failed",reason="${reason}"} 1`,
      ]);
    });
  }

  for (const refusal of REFUSALS) {
    it(`counts credentials refused as ${refusal} under that reason, at doors and sign-in`, async () => {
      observe(aRequest({ status: 401, refusedCredentials: { refusal } }));
      observe(aRequest({ status: 200, door: 'web', refusedCredentials: { refusal } }));

      expect(await samples('pullgate_token_requests_total')).to.deep.equal([
        `{door="registry",result="refused",reason="${refusal}"} 1`,
      ]);
      expect(await samples('pullgate_sign_ins_refused_total')).to.deep.equal([
        `{reason="${refusal}"} 1`,
      ]);
    });
  }

  it('puts a request into the buckets of its door that are no shorter than it', async () => {
    observe(aRequest({ microseconds: 20_000 }));

    const counted = await samples('pullgate_request_duration_seconds');
    expect(counted).to.include('_bucket{le="0.025",door="registry"} 1');
    expect(counted).to.include('_sum{door="registry"} 0.02');
    expect(counted.join('\n')).not.to.contain('le="0.01"').and.not.to.contain('door="git"');
  });

  it('tells every series from the start, so that a first refusal is an increase', async () => {
    const before = await registry.metrics();

    expect(before).to.contain(
      'pullgate_token_requests_total{door="git",result="refused",reason="expired"} 0',
    );
    expect(before).to.contain('pullgate_request_duration_seconds_count{door="web"} 0');
  });

  it('makes no series of what it does not know', async () => {
    // The attack: every value that a client can choose becomes a label if it ever reaches one, and a
    // million usernames or paths then fill the memory of this process and of Prometheus. Whatever a
    // door notes by mistake, the series stay those that were there at the start.
    const before = seriesIn(await registry.metrics());
    for (let i = 0; i < 1000; i += 1) {
      const junk = `junk-${i}"} 1\n`;
      const told = { path: junk, userAgent: junk, actor: { kind: junk }, username: junk };
      observe({ ...aRequest({ status: 100 + i }), ...told });
      const refusedCredentials = { refusal: 'expired', deployToken: junk } as const;
      observe({ ...aRequest({ status: 401, door: 'git', refusedCredentials }), ...told });
      observe({ ...aRequest({ granted: [junk] }), ...told });
      observe({ ...aRequest({ door: 'web' }), ...told });
    }

    const after = await registry.metrics();

    expect(seriesIn(after)).to.deep.equal(before);
    expect(after).not.to.contain('junk');
  });
});

function seriesIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.slice(0, line.lastIndexOf(' ')));
}
