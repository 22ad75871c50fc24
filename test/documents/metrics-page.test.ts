import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { createMetrics } from '../../src/metrics/metrics.js';
import { aState, NEW_YEAR } from '../unit/metrics/service-state.js';

interface Metric {
  readonly name: string;
  readonly type: string;
  readonly labels: string;
  readonly help: string;
}

const ROW =
  /^\| `(?<name>pullgate_\w+)` +\| (?<type>\w+) +\| (?<labels>.*?) +\| (?<help>.*?) +\|$/gm;
const FAMILY =
  /^# HELP (?<name>pullgate_\w+) (?<help>.*)\n# TYPE \S+ (?<type>\w+)\n\S+?(?:\{(?<labels>.*)\})? \S+$/gm;

describe('docs/metrics.md', () => {
  it('lists every metric of ours with its type, labels and help, and no other', async () => {
    const page = await readFile('docs/metrics.md', 'utf8');

    const documented = Array.from(page.matchAll(ROW), ({ groups = {} }) => metric(groups));

    const told = await ownMetrics();
    expect(told).to.have.length.above(10);
    expect(byName(documented)).to.deep.equal(byName(told));
  });
});

async function ownMetrics(): Promise<Metric[]> {
  const metrics = createMetrics({ version: '1.2.3', lostLogLines: () => 0 });
  metrics.watch(aState({ tlsNotAfter: () => NEW_YEAR }));
  const text = await metrics.scrape();
  return Array.from(text.matchAll(FAMILY), ({ groups = {} }) =>
    metric({ ...groups, labels: labelNames(groups['labels'] ?? '') }),
  );
}

function metric({ name = '', type = '', labels = '', help = '' }: Partial<Metric>): Metric {
  return { name, type, labels, help };
}

/** Of a first sample, which for a histogram has the bucket as one more. */
function labelNames(labels: string): string {
  const names = Array.from(labels.matchAll(/(\w+)="/g), ([, name]) => `\`${name}\``);
  return names.filter((name) => name !== '`le`').join(', ') || '–';
}

function byName(metrics: readonly Metric[]): Metric[] {
  return metrics.toSorted((a, b) => a.name.localeCompare(b.name));
}
