import type { JSX } from 'preact';
import type { Namespace } from '../../../access/namespace.js';
import type { Page } from '../../../access/page.js';
import { decideInNamespace } from '../../../access/permissions.js';
import type { Project } from '../../../access/project.js';
import { roleInNamespace } from '../../../access/role.js';
import { countDeployTokens, tokensOfProjects } from '../../../services/deploy-token-overview.js';
import { EVERY_NAMESPACE, pageOfNamespaces } from '../../../services/namespaces.js';
import { EVERY_PROJECT, pageOfProjects } from '../../../services/projects.js';
import { addressOf } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { newTokenAddress, tokensAddress } from '../../owner.js';
import { pageIn } from '../../paging.js';
import { Card, CardBody, WithRail } from '../../parts/card.js';
import { Ago } from '../../parts/time.js';
import { Facts } from '../../parts/verdict.js';
import { placeFrame } from '../../place-frame.js';
import type { Answer, Visit, WebDeps } from '../../visit.js';
import { MakeHere } from '../new-place/offer.js';
import { Contents } from './contents.js';

/** What is in a namespace, as far as the visitor sees it. */
export async function namespacePage(
  deps: WebDeps,
  visit: Visit,
  namespace: Namespace,
): Promise<Answer> {
  const found = await readContents(deps, visit, namespace);
  const mayManage = decideInNamespace(visit.actor, 'manage', namespace.path) === null;
  const counts = mayManage ? await countDeployTokens(deps, visit.actor, namespace) : null;
  const shown = { deps, visit, namespace };
  return placeFrame(visit, namespace, 'place', {
    title: '',
    actions: <MakeHere visit={visit} namespace={namespace} />,
    body: (
      <WithRail
        rail={
          <>
            <About {...shown} />
            {counts !== null && <Machines namespace={namespace} active={counts.active} />}
          </>
        }
      >
        <Contents {...shown} found={found} now={deps.now()} />
      </WithRail>
    ),
  });
}

/** With a search, whatever lies below; without one, what lies right below. */
export interface Found {
  readonly text: string;
  readonly namespaces: Page<Namespace>;
  readonly projects: Page<Project>;
  readonly tokens: Awaited<ReturnType<typeof tokensOfProjects>>;
}

async function readContents(
  deps: WebDeps,
  { actor, query }: Visit,
  { path }: Namespace,
): Promise<Found> {
  const text = fieldText(query, 'q').trim().slice(0, 255);
  const deep = text !== '' || fieldText(query, 'show') === 'below';
  const projects = await pageOfProjects(
    deps,
    actor,
    { ...EVERY_PROJECT, text, namespace: { path, deep } },
    pageIn(query),
  );
  const namespaces = await pageOfNamespaces(
    deps,
    actor,
    { ...EVERY_NAMESPACE, parent: path },
    pageIn(query, 'namespaces'),
  );
  return {
    text,
    namespaces,
    projects,
    tokens: await tokensOfProjects(deps, actor, projects.items),
  };
}

interface Shown {
  readonly deps: WebDeps;
  readonly visit: Visit;
  readonly namespace: Namespace;
}

function About({ deps, visit, namespace }: Shown): JSX.Element {
  const { actor } = visit;
  return (
    <Card id="about" title="About">
      <CardBody>
        <Facts
          facts={[
            ['Kind', namespace.userId === null ? 'namespace' : 'personal namespace'],
            ['Made', <Ago instant={namespace.createdAt} now={deps.now()} />],
            ...(actor.kind === 'user' ? [['You are', roleText(visit, namespace)] as const] : []),
          ]}
        />
      </CardBody>
    </Card>
  );
}

function roleText({ actor }: Visit, { path }: Namespace): string {
  if (actor.kind !== 'user') {
    return '';
  }
  const role = roleInNamespace(actor.roles, path);
  const words = [
    ...(role === undefined ? [] : [role]),
    ...(actor.user.isAdmin ? ['administrator'] : []),
  ];
  return words.join(', ') || 'not a member';
}

function Machines(props: { readonly namespace: Namespace; readonly active: number }): JSX.Element {
  const { namespace, active } = props;
  return (
    <Card id="machines" title="For machines: deploy tokens">
      <CardBody>
        <p class="small muted">
          {active === 0 ? 'None' : active} active here. One of this namespace reaches every project
          below it, those made later too, unless it says “only”.
        </p>
        <div class="actions">
          <a
            class="button"
            href={active === 0 ? newTokenAddress(namespace) : tokensAddress(namespace)}
          >
            {active === 0 ? 'New deploy token' : 'Manage deploy tokens'}
          </a>
          <a class="button" href={addressOf('members', { place: namespace.path })}>
            Members
          </a>
        </div>
      </CardBody>
    </Card>
  );
}
