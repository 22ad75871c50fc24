/** What Prometheus reads, as series and their values. */

import { send } from './token-client.js';

export interface Scrape {
  readonly text: string;
  /** By name and labels, as they are written: `requests_total{door="git"}`. */
  readonly series: ReadonlyMap<string, number>;
}

const SAMPLE = /^(?<series>[a-zA-Z_:][\w:]*(?:\{.*\})?) (?<value>\S+)$/;

/** Throws for anything but a scrape that is whole and well-formed. */
export async function scrape(metricsOrigin: string): Promise<Scrape> {
  const { status, text } = await send(metricsOrigin, { method: 'GET', target: '/-/metrics' });
  if (status !== 200) {
    throw new Error(`The scrape was answered ${status}: ${text}`);
  }
  return { text, series: parseScrape(text) };
}

export function parseScrape(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const { series, value } = SAMPLE.exec(line)?.groups ?? {};
      if (series === undefined) {
        throw new Error(`Not a sample: ${line}`);
      }
      return [series, Number(value)];
    }),
  );
}

/** By how much each series of these metrics grew; those that did not are left out. */
export function growth(before: Scrape, after: Scrape, metrics: RegExp): Record<string, number> {
  const grown = [...after.series]
    .filter(([series]) => metrics.test(series))
    .map(([series, value]) => [series, value - (before.series.get(series) ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by !== 0));
}

/** The names of the metrics, as the scrape itself declares them. */
export function metricNames({ text }: Scrape): string[] {
  return Array.from(text.matchAll(/^# TYPE (\S+) /gm), ([, name]) => name ?? '');
}
