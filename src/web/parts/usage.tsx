/** Uses by day, as a drawing: attributes and classes only, since the policy of the pages allows no inline style. */

import type { JSX } from 'preact';
import { shortDay } from '../time.js';

export interface DayUses {
  /** 00:00 UTC of the day. */
  readonly day: Date;
  readonly uses: number;
  readonly refused?: number;
}

const SPARK_HEIGHT = 24;
const CHART_HEIGHT = 98;

/** One path in a list; the list says the same in words. The last day is at the end of the line. */
export function Spark(props: {
  readonly days: readonly DayUses[];
  /** How many days the line is for. */
  readonly length: number;
}): JSX.Element {
  const { days, length } = props;
  const most = mostOf(days);
  const width = length * 4;
  return (
    <svg class="spark" viewBox={`0 0 ${width} 25`} preserveAspectRatio="none" aria-hidden="true">
      <path class="base" d={`M0 24h${width}v1H0z`} />
      <path d={bars(days, most, { of: 'uses', width })} />
      <path class="no" d={bars(days, most, { of: 'refused', width })} />
    </svg>
  );
}

/** Those of refused requests stand on those of granted ones. */
function bars(
  days: readonly DayUses[],
  most: number,
  { of, width }: { readonly of: 'uses' | 'refused'; readonly width: number },
): string {
  const first = width - days.length * 4;
  return days
    .map(({ uses, refused = 0 }, index) => {
      const [granted, above] = [
        heightOf(uses, most, SPARK_HEIGHT),
        heightOf(refused, most, SPARK_HEIGHT),
      ];
      const [bottom, height] =
        of === 'uses' ? [SPARK_HEIGHT, granted] : [SPARK_HEIGHT - granted, above];
      return height === 0 ? '' : `M${first + index * 4} ${bottom}h3v-${height}h-3z`;
    })
    .join('');
}

/** With a title that says it in a sentence, and a table of the same numbers behind a fold. */
export function UsageChart(props: {
  readonly id: string;
  readonly days: readonly DayUses[];
}): JSX.Element {
  const { id, days } = props;
  const most = mostOf(days);
  return (
    <>
      <figure class="chart">
        <svg
          viewBox={`0 0 ${Math.max(days.length * 10, 10)} 100`}
          preserveAspectRatio="none"
          role="img"
          aria-labelledby={`${id}-title`}
        >
          <title id={`${id}-title`}>{sentenceOf(days)}</title>
          {[1, 50, 99.5].map((y) => (
            <line key={y} x1="0" x2={days.length * 10} y1={y} y2={y} />
          ))}
          {days.map((day, index) => (
            <Bars key={index} day={day} x={index * 10 + 1} most={most} />
          ))}
        </svg>
        <Axis days={days} />
      </figure>
      <details class="fold">
        <summary>Uses by day, as a table</summary>
        <UsesTable days={days} />
      </details>
    </>
  );
}

function Bars(props: {
  readonly day: DayUses;
  readonly x: number;
  readonly most: number;
}): JSX.Element {
  const { day, x, most } = props;
  const height = heightOf(day.uses, most, CHART_HEIGHT);
  const refused = heightOf(day.refused ?? 0, most, CHART_HEIGHT);
  return (
    <>
      {height > 0 && <rect class="ok" x={x} width="8" y={99 - height} height={height} />}
      {refused > 0 && (
        <rect class="no" x={x} width="8" y={99 - height - refused} height={refused} />
      )}
    </>
  );
}

function Axis({ days }: { readonly days: readonly DayUses[] }): JSX.Element {
  const marks = [0, Math.floor((days.length - 1) / 2), days.length - 1];
  return (
    <div class="axis" aria-hidden="true">
      {marks.map((index) => {
        const day = days[index]?.day;
        return <span key={index}>{day === undefined ? '' : shortDay(day)}</span>;
      })}
    </div>
  );
}

/** The latest first, without the days on which nothing happened. */
function UsesTable({ days }: { readonly days: readonly DayUses[] }): JSX.Element {
  const hasRefused = totalOf(days).refused > 0;
  return (
    <table class="plain-table">
      <caption class="visually-hidden">Uses by day</caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">{hasRefused ? 'Granted' : 'Uses'}</th>
          {hasRefused && <th scope="col">Refused</th>}
        </tr>
      </thead>
      <tbody>
        {days
          .filter(({ uses, refused = 0 }) => uses + refused > 0)
          .toReversed()
          .map(({ day, uses, refused = 0 }) => (
            <tr key={day.getTime()}>
              <td>{shortDay(day)}</td>
              <td>{uses}</td>
              {hasRefused && <td>{refused}</td>}
            </tr>
          ))}
      </tbody>
    </table>
  );
}

export function totalOf(days: readonly DayUses[]): {
  readonly uses: number;
  readonly refused: number;
} {
  return {
    uses: days.reduce((sum, { uses }) => sum + uses, 0),
    refused: days.reduce((sum, { refused = 0 }) => sum + refused, 0),
  };
}

function sentenceOf(days: readonly DayUses[]): string {
  const { uses, refused } = totalOf(days);
  const most = Math.max(0, ...days.map((day) => day.uses));
  return `${uses} uses in the last ${days.length} days, at most ${most} on one day${refused > 0 ? `; ${refused} refused` : ''}.`;
}

function mostOf(days: readonly DayUses[]): number {
  return Math.max(1, ...days.map(({ uses, refused = 0 }) => uses + refused));
}

/** Anything at all is at least visible. */
function heightOf(value: number, most: number, height: number): number {
  return value === 0 ? 0 : Math.max(1, Math.round((value / most) * height * 10) / 10);
}
