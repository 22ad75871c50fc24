import type { JSX } from 'preact';
import { Card } from '../../src/web/parts/card.js';
import { Chip } from '../../src/web/parts/chip.js';
import { Row, Rows } from '../../src/web/parts/rows.js';
import { Ago } from '../../src/web/parts/time.js';
import { Inventory } from './inventory.js';
import { minutesAgo, NOW } from './made-up.js';

/** Lists: what needs somebody, deploy tokens of every kind with several selected, namespaces. */
export function Lists(): JSX.Element {
  return (
    <>
      <Needs />
      <Inventory />
      <Namespaces />
    </>
  );
}

function Needs(): JSX.Element {
  return (
    <Card
      id="needs"
      title="Needs you"
      count={3}
      note="In the projects and namespaces that you maintain."
    >
      <Rows>
        <Row
          icon="shield-alert"
          kind="bad"
          title={
            <>
              <a href="#denied">web</a> is denied again and again
            </>
          }
          meta="platform/web · ci-runner asked 96 times since yesterday · “not in reach of this deploy token”"
          end={
            <a class="button sm" href="#explain">
              Explain<span class="visually-hidden"> web</span>
            </a>
          }
        />
        <Row
          icon="rotate-cw"
          kind="warn"
          title={
            <>
              The old secret of <a href="#token">cluster eu-west</a> ends in 41 hours and is still
              used
            </>
          }
          meta={
            <>
              tanuki/awesome_project · last used <Ago instant={minutesAgo(124)} now={NOW} /> from
              203.0.113.9
            </>
          }
          end={
            <a class="button sm" href="#secrets">
              See the secrets<span class="visually-hidden"> of cluster eu-west</span>
            </a>
          }
        />
        <Row
          icon="info"
          kind="info"
          title="2 deploy tokens break the rule “expires within 365 days”"
          meta="platform · docs mirror, partner sync · both made before the rule"
          end={
            <a class="button sm" href="#rule">
              Show them
            </a>
          }
        />
      </Rows>
    </Card>
  );
}

function Namespaces(): JSX.Element {
  return (
    <Card id="namespaces" title="Namespaces" count={2}>
      <Rows>
        <Row
          icon="folder-tree"
          title={
            <>
              <a href="#tanuki">tanuki</a> <Chip icon="user">maintainer</Chip>
            </>
          }
          meta="2 namespaces · 9 projects · 5 deploy tokens for the whole namespace"
        />
        <Row
          icon="user"
          title={
            <>
              <a href="#ada">ada</a> <Chip icon="user">owner</Chip>
            </>
          }
          meta="Your personal namespace · no projects"
        />
      </Rows>
    </Card>
  );
}
