import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { eventually } from '../git/git-data.js';
import { newProjectAndToken } from '../doors/app-data.js';
import { run, temporaryFolder, type RunResult } from '../support/run.js';
import { scrape, type Scrape } from '../support/scrape.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { withApp } from '../support/with-app.js';
import { newTlsAuthority } from '../support/tls-authority.js';
import { askByGet } from '../support/token-client.js';

const RULES = 'deploy/prometheus/alerts.yml';
const RULE_TESTS = 'deploy/prometheus/alerts.test.yml';
const DASHBOARD = 'deploy/grafana/pullgate.json';
const GRID_WIDTH = 24;

const RulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          labels: z.object({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.object({ summary: z.string().min(1), description: z.string().min(1) }),
        }),
      ),
    }),
  ),
});

/** What Grafana needs to show a dashboard that it is given as a file. */
const PanelSchema = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int().min(1), h: z.int().min(1) }),
  targets: z
    .array(
      z.object({
        expr: z.string(),
        refId: z.string(),
        datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') }),
      }),
    )
    .default([]),
});
type Panel = z.infer<typeof PanelSchema>;
const DashboardSchema = z.object({
  uid: z.literal('pullgate'),
  title: z.string(),
  schemaVersion: z.int().min(36),
  time: z.object({ from: z.string(), to: z.string() }),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(PanelSchema),
});

describe('Prometheus and Grafana', () => {
  const app = withApp({ env: { PULLGATE_METRICS_LISTEN: '127.0.0.1:0' } });
  let told: Scrape;
  let alerts: z.infer<typeof RulesSchema>['groups'][number]['rules'];
  let dashboard: z.infer<typeof DashboardSchema>;

  before(async () => {
    const { login } = await newProjectAndToken(app);
    await askByGet(app.origin, { login });
    told = await scrape(app.metricsOrigin);
    const { groups } = RulesSchema.parse(parseYaml(await readFile(RULES, 'utf8')));
    alerts = groups.flatMap(({ rules }) => rules);
    dashboard = DashboardSchema.parse(JSON.parse(await readFile(DASHBOARD, 'utf8')));
  });

  it('promtool finds nothing wrong with a scrape', async () => {
    const result = await run('promtool', ['check', 'metrics'], { input: told.text });

    expect(result.output).to.equal('');
    expect(result.code).to.equal(0);
  });

  it('promtool finds nothing wrong with the alert rules', async () => {
    expectSuccess(await run('promtool', ['check', 'rules', RULES]));
  });

  it('promtool sees each alert fire when it should, and not before', async () => {
    expectSuccess(await run('promtool', ['test', 'rules', RULE_TESTS]));
  });

  it('every alert is tested, and documented with what to do', async () => {
    const tests = await readFile(RULE_TESTS, 'utf8');
    const page = await readFile('docs/metrics.md', 'utf8');

    for (const { alert } of alerts) {
      expect(tests).to.contain(`alertname="${alert}", alertstate="firing"`);
      expect(page).to.contain(`\n| \`${alert}\` `);
    }
  });

  it('every query is PromQL', async () => {
    const file = join(app.folder, 'queries.json');
    const rules = queriesOf(dashboard.panels).map((expr, n) => ({ record: `query_${n}`, expr }));
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));

    expectSuccess(await run('promtool', ['check', 'rules', file]));
  });

  it('alerts and dashboard ask for metrics, labels and values that a scrape holds', () => {
    const queries = [...alerts.map(({ expr }) => expr), ...queriesOf(dashboard.panels)];

    const missing = queries.flatMap((query) => missingIn(told, query));

    expect(queries).to.have.length.above(30);
    expect(missing).to.deep.equal([]);
  });

  it('would notice a metric, a label and a value that no scrape holds', () => {
    const missing = missingIn(
      told,
      'pullgate_requets_total + pullgate_requests_total{dor="git"} + ' +
        'sum(pullgate_token_requests_total{door="git",reason=~"expired|expird"})',
    );

    expect(missing).to.deep.equal([
      'pullgate_requets_total',
      'pullgate_requests_total{dor="git"}',
      'pullgate_token_requests_total{reason="expird"}',
    ]);
  });

  it('every panel of the dashboard has its own id and queries, and a place in the grid', () => {
    const { panels } = dashboard;

    expect(new Set(panels.map(({ id }) => id)).size).to.equal(panels.length);
    for (const { type, title, targets, gridPos } of panels) {
      expect(targets.length, title).to.satisfy((count: number) => count > 0 === (type !== 'row'));
      expect(gridPos.x + gridPos.w, title).to.be.at.most(GRID_WIDTH);
    }
    expect(overlaps(panels)).to.deep.equal([]);
  });

  it('every variable that a query of the dashboard uses is one of its own', () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    const used = dashboard.panels
      .flatMap(({ targets }) => targets)
      .flatMap(({ expr }) => Array.from(expr.matchAll(/\$(\w+)/g), ([, name]) => name ?? ''));

    expect(names).to.include('datasource');
    expect([...names, '__rate_interval']).to.include.members(used);
  });
});

describe('metrics of HTTPS', () => {
  it('tell when the certificate in use expires, and follow it when it is replaced', async () => {
    const folder = await temporaryFolder('pullgate-metrics');
    const files = { cert: join(folder.path, 'tls.crt'), key: join(folder.path, 'tls.key') };
    const authority = newTlsAuthority();

    /** Puts a new pair in place; gives back when it expires, as a scrape would tell it. */
    async function install(days: number): Promise<number> {
      const { certificatePem, privateKeyPem } = authority.issue(days);
      await writeFile(files.cert, certificatePem);
      await writeFile(files.key, privateKeyPem);
      return Date.parse(new X509Certificate(certificatePem).validTo) / 1000;
    }
    const first = await install(10);
    const app = await startApp({
      env: {
        PULLGATE_METRICS_LISTEN: '127.0.0.1:0',
        PULLGATE_HTTP_TLS_CERT: files.cert,
        PULLGATE_HTTP_TLS_KEY: files.key,
      },
    });
    const before = await tlsExpiry(app);
    const second = await install(20);
    const after = await eventually(async () => {
      const expiry = await tlsExpiry(app);
      return expiry === before ? null : expiry;
    });

    expect(before).to.equal(first);
    expect(after).to.equal(second);
    await app.stop();
    await folder.remove();
  });
});

async function tlsExpiry({ metricsOrigin }: TestApp): Promise<number | undefined> {
  const { series } = await scrape(metricsOrigin);
  return series.get('pullgate_tls_certificate_expiry_timestamp_seconds');
}

function expectSuccess({ code, output }: RunResult): void {
  expect(code, output).to.equal(0);
  expect(output).to.contain('SUCCESS');
}

/** As Prometheus gets them, with every variable filled in. */
function queriesOf(panels: readonly Panel[]): string[] {
  return panels
    .flatMap(({ targets }) => targets)
    .map(({ expr }) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'));
}

const SELECTOR = /\b(?<metric>(?:pullgate|nodejs|process)_\w+)(?:\{(?<matchers>[^}]*)\})?/g;
const MATCHER = /(?<label>\w+)=~?"(?<values>[^"]*)"/g;

/** What a query asks for and the scrape does not tell. Prometheus itself adds `job` and `instance`. */
function missingIn({ text, series }: Scrape, query: string): string[] {
  const known = [...series.keys()];
  return Array.from(query.matchAll(SELECTOR)).flatMap(({ groups: selector }) => {
    const { metric = '', matchers = '' } = selector ?? {};
    const own = known.filter((name) => name === metric || name.startsWith(`${metric}{`));
    if (own.length === 0) {
      // A gauge with nothing to tell now is declared all the same.
      return text.includes(`# TYPE ${metric} `) && matchersOf(matchers).length === 0
        ? []
        : [metric];
    }
    return matchersOf(matchers)
      .filter((matcher) => !own.some((name) => new RegExp(`[{,]${matcher}`).test(name)))
      .map((matcher) => `${metric}{${matcher}}`);
  });
}

/** One for each value that is asked for. */
function matchersOf(matchers: string): string[] {
  return Array.from(matchers.matchAll(MATCHER)).flatMap(({ groups }) => {
    const { label = '', values = '' } = groups ?? {};
    return label === 'job' || label === 'instance'
      ? []
      : values.split('|').map((value) => `${label}="${value}"`);
  });
}

function overlaps(panels: readonly Panel[]): string[] {
  return panels.flatMap((panel, n) =>
    panels
      .slice(n + 1)
      .filter(({ gridPos: b }) => {
        const { gridPos: a } = panel;
        return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      })
      .map((other) => `${panel.title} and ${other.title}`),
  );
}
