import type { JSX } from 'preact';
import { Card } from '../../src/web/parts/card.js';
import { Empty, Notice } from '../../src/web/parts/notice.js';
import { Row, Rows } from '../../src/web/parts/rows.js';
import { Chain, Verdict } from '../../src/web/parts/verdict.js';

/** Why something was refused, notices of each kind, and what is where there is nothing yet. */
export function Answers(): JSX.Element {
  return (
    <>
      <Verdict
        id="verdict"
        kind="bad"
        icon="circle-x"
        title="Refused: platform/web is not in reach"
      >
        ci-runner belongs to tanuki. A deploy token reaches only what is at or below its owner.
      </Verdict>
      <Card id="chain" title="Why">
        <Chain
          steps={[
            {
              outcome: 'passed',
              title: 'ci-runner is the username of one deploy token',
              meta: 'CI of tanuki, owner tanuki',
            },
            {
              outcome: 'passed',
              title: 'It has the scope read_registry',
              meta: 'read_registry, read_repository',
            },
            {
              outcome: 'stopped',
              title: 'The project is not at or below the owner, tanuki',
              meta: 'reaches: tanuki and its 9 projects',
            },
            {
              outcome: 'not-reached',
              title: 'Only: not looked at',
              meta: 'this deploy token has no list',
            },
          ]}
        />
      </Card>
      <Card id="helps" title="What helps">
        <Rows>
          <Row
            title="Give CI a deploy token of platform/web"
            meta="You maintain that project. Two credentials for one registry: Kubernetes keeps them apart by path."
            end={
              <a class="button primary sm" href="#new">
                New deploy token
              </a>
            }
          />
        </Rows>
      </Card>
      <Notices />
      <Empties />
    </>
  );
}

function Notices(): JSX.Element {
  return (
    <>
      <Notice kind="good">
        <strong>build farm</strong> works again from the next request on.
      </Notice>
      <Notice
        kind="warn"
        standing
        action={
          <a class="button sm" href="#rotate">
            Rotate now
          </a>
        }
      >
        <strong>staging k3s</strong> expires in 5 days.
      </Notice>
      <Notice kind="bad">
        <strong>cluster eu-west</strong> was not rotated: the old secret still works. End it first.
      </Notice>
      <Notice kind="info">
        This deploy token has no <code>read_repository</code>, so it cannot clone.
      </Notice>
    </>
  );
}

function Empties(): JSX.Element {
  return (
    <>
      <Card id="denied" title="Denied">
        <Empty
          icon="circle-check"
          kind="good"
          title="Nothing was denied in 7 days"
          actions={
            <a class="button" href="#explain">
              Explain a pull
            </a>
          }
        >
          If a pull fails now, it did not get as far as Pullgate. Check the address and the network
          first.
        </Empty>
      </Card>
      <Card id="images" title="Images">
        <Empty
          icon="container"
          title="No images yet"
          actions={
            <a class="button" href="#push">
              How to push
            </a>
          }
        >
          Push the first one. Developers of this project can push with a personal access token.
        </Empty>
      </Card>
    </>
  );
}
