import type { JSX } from 'preact';
import { UsesByDay } from '../../src/web/pages/deploy-token/uses.js';
import { Card, WithRail } from '../../src/web/parts/card.js';
import { Chip } from '../../src/web/parts/chip.js';
import { Row, Rows } from '../../src/web/parts/rows.js';
import { Ago } from '../../src/web/parts/time.js';
import { lastDays, minutesAgo, NOW } from './made-up.js';

/** A deploy token's own page: several secrets, uses by day, what was refused, more ways to change it. */
export function TokenPieces(): JSX.Element {
  return (
    <WithRail rail={<ChangeIt />}>
      <Secrets />
      <UsesByDay days={lastDays(24, 6)} />
      <UsesByDay id="no-uses" days={lastDays(0).slice(-14)} />
      <RefusedLately />
    </WithRail>
  );
}

function Secrets(): JSX.Element {
  return (
    <Card
      id="secrets"
      title="Secrets"
      count="2 of 2"
      note="Both work. Replace the old one wherever it is used, then end it."
    >
      <Rows>
        <Row
          icon="key-round"
          kind="good"
          title={
            <>
              New secret{' '}
              <Chip kind="good" icon="circle-check">
                current
              </Chip>
            </>
          }
          meta={
            <>
              made <Ago instant={minutesAgo(1860)} now={NOW} /> by ada · used{' '}
              <Ago instant={minutesAgo(1)} now={NOW} /> from 203.0.113.7
            </>
          }
        />
        <Row
          icon="rotate-cw"
          kind="warn"
          title={
            <>
              Old secret{' '}
              <Chip kind="warn" icon="clock">
                ends in 41 hours
              </Chip>
            </>
          }
          meta={
            <>
              <span class="t-warn">
                still used <Ago instant={minutesAgo(124)} now={NOW} />
              </span>{' '}
              by containerd 1.6.20 at 203.0.113.9
            </>
          }
          end={
            <a class="button danger sm" href="#end">
              End now<span class="visually-hidden">: old secret</span>
            </a>
          }
        />
      </Rows>
    </Card>
  );
}

function RefusedLately(): JSX.Element {
  return (
    <Card id="refused" title="Refused lately" count={2}>
      <Rows>
        <Row
          title={
            <>
              <code>platform/web</code> is not in reach
            </>
          }
          meta="10 times · last 3 days ago · containerd 1.7.22 at 203.0.113.7"
          end={
            <a class="button sm" href="#explain">
              Explain<span class="visually-hidden"> platform/web</span>
            </a>
          }
        />
        <Row
          title="The secret ends in a line break"
          meta="once · 5 days ago · skopeo at 198.51.100.9"
          end={
            <a class="button sm" href="#explain">
              Explain<span class="visually-hidden"> the line break</span>
            </a>
          }
        />
      </Rows>
    </Card>
  );
}

function ChangeIt(): JSX.Element {
  return (
    <Card id="change" title="Change it">
      <Rows>
        <Row
          title="Rotate"
          meta="A second secret; the first ends 72 hours later. Possible again when the old secret has ended."
        />
        <Row
          title="Suspend"
          meta="Refused until you resume it."
          end={
            <a class="button sm" href="#suspend">
              Suspend…
            </a>
          }
        />
        <Row
          title="Revoke"
          meta="Refused for good."
          end={
            <a class="button danger sm" href="#revoke">
              Revoke…
            </a>
          }
        />
      </Rows>
    </Card>
  );
}
