/** What was refused, in the words of the reader: on the page of a deploy token, of a project, and of all. */

import type { JSX } from 'preact';
import { isStrangers, reasonInWords, wasHarmless } from '../access/denial.js';
import type { SeenDenial } from '../services/denials.js';
import { explainAddress } from './addresses.js';
import { clientName } from './deploy-token-parts.js';
import { Chip } from './parts/chip.js';
import { Cell, Grid, GridRow, MainCell, type Column } from './parts/grid.js';
import { Row, Rows } from './parts/rows.js';
import { Ago } from './parts/time.js';

interface Props {
  readonly denials: readonly SeenDenial[];
  readonly now: Date;
}

const COLUMNS: readonly Column[] = [
  { name: 'What' },
  { name: 'Who', width: 'owner' },
  { name: 'When', width: 'used' },
];

/** With who asked. */
export function DenialTable({ denials, now }: Props): JSX.Element {
  return (
    <Grid caption="What was refused" columns={COLUMNS}>
      {denials.map((denial) => (
        <GridRow key={keyOf(denial)} mark={wasHarmless(denial) ? undefined : 'bad'}>
          <MainCell
            icon={denial.door === 'git' ? 'git-branch' : 'container'}
            title={<What denial={denial} />}
            sub={<Details denial={denial} />}
          />
          <Cell of="Who" first={<Who denial={denial} />} second={<From denial={denial} />} />
          <Cell
            of="When"
            first={<Ago instant={denial.lastAt} now={now} />}
            second={
              <>
                {times(denial.count)} <Explain denial={denial} />
              </>
            }
          />
        </GridRow>
      ))}
    </Grid>
  );
}

/** Of one deploy token, which the page is about. */
export function DenialRows({ denials, now }: Props): JSX.Element {
  return (
    <Rows>
      {denials.map((denial) => (
        <Row
          key={keyOf(denial)}
          title={<What denial={denial} />}
          meta={
            <>
              {times(denial.count)} · last <Ago instant={denial.lastAt} now={now} /> ·{' '}
              <From denial={denial} /> · <Details denial={denial} /> <Explain denial={denial} />
            </>
          }
        />
      ))}
    </Rows>
  );
}

function keyOf({ door, repository, reason, actions, deployTokenId, userId }: SeenDenial): string {
  return [door, repository, reason, actions.join(), deployTokenId, userId].join(' ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function What({ denial }: { readonly denial: SeenDenial }): JSX.Element {
  return (
    <>
      {denial.repository === null ? 'Login' : <code>{denial.repository}</code>}:{' '}
      {reasonInWords(denial.reason)}
      {wasHarmless(denial) && (
        <>
          {' '}
          <Chip icon="circle-check">granted to another login</Chip>
        </>
      )}
    </>
  );
}

function Details({ denial }: { readonly denial: SeenDenial }): JSX.Element {
  const { actions, door } = denial;
  return <>{[door, ...actions].join(' · ')}</>;
}

/** What would be answered now; nothing where it is not known who asked, or for what. */
function Explain({ denial }: { readonly denial: SeenDenial }): JSX.Element | null {
  const { deployToken, user, repository: name, door, actions } = denial;
  const who = deployToken?.id.toString() ?? user?.username;
  if (who === undefined || name === null) {
    return null;
  }
  return (
    <>
      · <a href={explainAddress({ who, name, door, action: actions[0] })}>Explain</a>
    </>
  );
}

function From({ denial }: { readonly denial: SeenDenial }): JSX.Element {
  return (
    <>
      {clientName(denial.userAgent)} at <bdi>{denial.address}</bdi>
    </>
  );
}

function Who({ denial }: { readonly denial: SeenDenial }): JSX.Element {
  const { deployToken, user, deployTokenId } = denial;
  if (deployToken !== null) {
    return (
      <>
        <bdi>{deployToken.name}</bdi> <code>{deployToken.username}</code>
      </>
    );
  }
  if (user !== null) {
    return <bdi>{user.username}</bdi>;
  }
  if (isStrangers(denial)) {
    return <span class="muted">nobody who is known</span>;
  }
  return (
    <span class="muted">
      {deployTokenId === null ? 'an account that has ended' : 'a deploy token from elsewhere'}
    </span>
  );
}
