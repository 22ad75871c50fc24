import type { ComponentChildren, JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { Place } from '../../../access/namespace.js';
import { allDenials, denialsOfPlace, type SeenDenial } from '../../../services/denials.js';
import { adminFrame } from '../../admin-frame.js';
import { ADDRESSES } from '../../addresses.js';
import { DenialTable } from '../../denial-rows.js';
import { fieldText } from '../../fields.js';
import { isFirstPage, pageIn, Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Empty } from '../../parts/notice.js';
import { Search, Toolbar } from '../../parts/toolbar.js';
import { placeFrame } from '../../place-frame.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';

/** What was asked of a project's repositories and refused; of a namespace, what its deploy tokens were. */
export async function deniedPage(
  deps: WebDeps,
  visit: SignedInVisit,
  place: Place,
): Promise<Answer> {
  const request = { ...pageIn(visit.query), total: false };
  const found = await denialsOfPlace(deps, visit.actor, place, request);
  const note =
    place.kind === 'project'
      ? 'Who was refused what in this project, and why: the last ones, for 90 days.'
      : 'What the deploy tokens of this namespace were refused, and why: the last ones, for 90 days.';
  return placeFrame(visit, place, 'denied', {
    title: 'Denied',
    body: <Denied visit={visit} found={found} now={deps.now()} note={note} />,
  });
}

/** Everything, for administrators. */
export async function allDeniedPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const text = fieldText(visit.query, 'q').trim().slice(0, 255);
  const request = { ...pageIn(visit.query), total: false };
  const found = await allDenials(deps, visit.actor, text, request);
  return adminFrame('all-denied', {
    title: 'Denied',
    body: (
      <Denied
        visit={visit}
        found={found}
        now={deps.now()}
        note="Who was refused what, and why: the last ones of each, for 90 days."
        text={text}
      >
        <Toolbar>
          <Search
            id="denied-search"
            action={visit.path}
            label="Search by repository"
            placeholder="Repository"
            value={text}
          />
        </Toolbar>
      </Denied>
    ),
  });
}

function Denied(props: {
  readonly visit: SignedInVisit;
  readonly found: Page<SeenDenial>;
  readonly now: Date;
  readonly note: string;
  /** What is searched for. */
  readonly text?: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { visit, found, now, note, text = '', children } = props;
  return (
    <Card
      id="denied"
      title="Denied"
      note={note}
      actions={
        <a class="button" href={ADDRESSES.explain.path}>
          Explain…
        </a>
      }
    >
      {children}
      {found.items.length === 0 ? (
        <Nothing isFirst={isFirstPage(visit.query)} text={text} clear={visit.path} />
      ) : (
        <>
          <DenialTable denials={found.items} now={now} />
          <CardFoot>
            <Pages visit={visit} of="refusals" next={found.next} keeps={['q']} />
          </CardFoot>
        </>
      )}
    </Card>
  );
}

function Nothing(props: {
  readonly isFirst: boolean;
  readonly text: string;
  readonly clear: string;
}): JSX.Element {
  if (props.text !== '') {
    return (
      <Empty icon="search" title="Nothing matches">
        No refusal was about a repository with “{props.text}” in its name.{' '}
        <a href={props.clear}>Clear the search</a> to see all.
      </Empty>
    );
  }
  return (
    <Empty
      icon="circle-check"
      kind="good"
      title={props.isFirst ? 'Nothing was refused' : 'No more'}
    >
      If a pull fails now, it did not get as far as Pullgate: look at the registry’s log, its{' '}
      <code>auth.token</code> settings, and the network.
    </Empty>
  );
}
