import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import { z } from 'zod';
import { eventually } from '../git/git-data.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { startPullgate } from '../support/pullgate-process.js';
import { freePort, temporaryFolder } from '../support/run.js';
import { scrape } from '../support/scrape.js';
import { askByGet } from '../support/token-client.js';

const REFUSED = 'pullgate_token_requests_total{door="registry",result="refused",reason="unknown"}';
const REQUESTS = 8;

const StartedSchema = z.looseObject({ worker: z.int(), pid: z.int() });

describe('metrics of two workers', () => {
  let installation: Installation;
  let metricsOrigin: string;

  before(async () => {
    const port = await freePort();
    metricsOrigin = `http://127.0.0.1:${port}`;
    installation = await startInstallation({
      env: { PULLGATE_HTTP_WORKERS: '2', PULLGATE_METRICS_LISTEN: `127.0.0.1:${port}` },
    });
    await installation.service().line((line) => line.includes('"msg":"workers serve"'));
  });

  after(async () => {
    await installation.stop();
  });

  /** Waits for it, since a request is counted once its answer is out. */
  async function told(series: string, value: number): Promise<void> {
    await eventually(
      async () => (await scrape(metricsOrigin)).series.get(series) === value || null,
    );
  }

  /** Each on a connection of its own, for whichever worker takes it. */
  async function guess(times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      const login = { username: `nobody-${i}`, secret: 'gldt-unknown' };
      const { status } = await askByGet(installation.origin, { login });
      expect(status).to.equal(401);
    }
  }

  it('are told as those of one service', async () => {
    await guess(REQUESTS);

    await told(REFUSED, REQUESTS);
    const { series } = await scrape(metricsOrigin);
    expect(series.get('pullgate_workers')).to.equal(2);
    expect(series.get('pullgate_workers_configured')).to.equal(2);
    expect(
      [...series.keys()].filter((name) => name.startsWith('pullgate_build_info')),
    ).to.have.length(1);
  });

  it('lose nothing of what a worker has told when it is killed', async () => {
    const before = (await scrape(metricsOrigin)).series.get(REFUSED) ?? 0;
    const line = await installation
      .service()
      .line((text) => text.includes('"msg":"worker started"'));
    const { pid } = StartedSchema.parse(JSON.parse(line));

    process.kill(pid, 'SIGKILL');
    await told('pullgate_workers', 1);
    const between = (await scrape(metricsOrigin)).series.get(REFUSED);
    await told('pullgate_workers', 2);
    await guess(REQUESTS);

    expect(between).to.equal(before);
    await told(REFUSED, before + REQUESTS);
  });

  it('are told without a worker that hangs, and with what it had counted', async () => {
    const before = (await scrape(metricsOrigin)).series;
    const workers = installation
      .service()
      .lines()
      .filter((text) => text.includes('"msg":"worker started"'))
      .map((text) => StartedSchema.parse(JSON.parse(text)));
    const { pid } = StartedSchema.parse(workers.at(-1));

    process.kill(pid, 'SIGSTOP');
    const meanwhile = (await scrape(metricsOrigin)).series;
    process.kill(pid, 'SIGCONT');

    expect(meanwhile.get('pullgate_workers')).to.equal(1);
    expect(meanwhile.get(REFUSED)).to.equal(before.get(REFUSED));
    await told('pullgate_workers', 2);
  });
});

describe('metrics.listen on a port in use, with two workers', () => {
  it('stops the start with one clear line, before anything listens', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = z.object({ port: z.int() }).parse(taken.address());
    const folder = await temporaryFolder('pullgate-metrics');

    const service = startPullgate(['serve'], {
      cwd: folder.path,
      env: {
        PULLGATE_HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
        PULLGATE_HTTP_WORKERS: '2',
        PULLGATE_METRICS_LISTEN: `127.0.0.1:${address.port}`,
      },
    });
    const code = await service.exited;

    expect(code).to.equal(1);
    expect(service.stderr()).to.match(
      new RegExp(
        `^[^\\n]*metrics\\.listen: 127\\.0\\.0\\.1:${address.port} cannot be listened on[^\\n]*\\n$`,
      ),
    );
    expect(service.stdout()).not.to.contain('"msg":"listening"');
    taken.close();
    await folder.remove();
  });
});
