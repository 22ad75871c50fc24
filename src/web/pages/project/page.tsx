import type { JSX } from 'preact';
import type { ProjectDetails } from '../../../access/details.js';
import { AppError } from '../../../access/errors.js';
import { isAllowed } from '../../../access/permissions.js';
import { namespaceOf, type Project } from '../../../access/project.js';
import { roleInProject } from '../../../access/role.js';
import type { User } from '../../../access/user.js';
import { detailsOfProjects } from '../../../services/details.js';
import { maintainersOf } from '../../../services/members.js';
import {
  imageOf,
  imagesOf,
  type ProjectImage,
  type ProjectImages,
} from '../../../services/project-images.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { imageName } from '../../artefacts.js';
import { NOT_FOUND } from '../../error-page.js';
import { fieldText } from '../../fields.js';
import { pageIn } from '../../paging.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Notice } from '../../parts/notice.js';
import { Line, Lines } from '../../parts/take-along.js';
import { Ago } from '../../parts/time.js';
import { Facts } from '../../parts/verdict.js';
import { lastComponent, placeFrame } from '../../place-frame.js';
import type { Answer, Visit, WebDeps } from '../../visit.js';
import { Images, ImageTags, pullCommand } from './images.js';

const MOST_NAMED = 5;
/** Each is up to 61 questions to the registry. */
const IMAGES_PER_PAGE = 10;
const NO_TAG = { name: 'latest' };

/** What the project is, and what this visitor can do with it. */
export async function projectPage(deps: WebDeps, visit: Visit, project: Project): Promise<Answer> {
  const maintainers = await maintainersOf(deps, visit.actor, project, MOST_NAMED + 1);
  const found = await findImages(deps, visit, project);
  const details = (await detailsOfProjects(deps, [project])).get(project.id);
  const shown = { deps, visit, project, maintainers, found, details };
  return placeFrame(visit, project, 'place', {
    title: '',
    body: (
      <WithRail rail={<Rail {...shown} />}>
        {project.archivedAt !== null && (
          <Notice kind="info" standing>
            <strong>This project is archived.</strong> Nobody pushes to it. What it holds can still
            be pulled and cloned.
          </Notice>
        )}
        {isAllowed(visit.actor, 'pull_image', project) ? (
          <Pull {...shown} />
        ) : (
          <NoPull {...shown} />
        )}
        {found.one !== null && <ImageTags {...shown} image={found.one} />}
        {found.all !== null && <Images {...shown} images={found.all} />}
        {isAllowed(visit.actor, 'push_image', project) && <Push {...shown} />}
      </WithRail>
    ),
  });
}

interface Shown {
  readonly deps: WebDeps;
  readonly visit: Visit;
  readonly project: Project;
  readonly maintainers: readonly User[];
  readonly found: Found;
  readonly details: ProjectDetails | undefined;
}

/** The image that the address asks for, or a page of all; neither for whoever may not pull them. */
interface Found {
  readonly one: ProjectImage | null;
  readonly all: ProjectImages | null;
}

async function findImages(deps: WebDeps, visit: Visit, project: Project): Promise<Found> {
  const { actor, query } = visit;
  if (!isAllowed(actor, 'pull_image', project)) {
    return { one: null, all: null };
  }
  const asked = fieldText(query, 'image');
  if (asked === '') {
    const request = { ...pageIn(query), limit: IMAGES_PER_PAGE, total: false };
    return { one: null, all: await imagesOf(deps, actor, project, request) };
  }
  const one = await imageOf(deps, actor, project, asked);
  if (one === null) {
    throw new AppError('not_found', NOT_FOUND);
  }
  return { one, all: null };
}

/** For what everybody reads, nobody signs in. */
function Pull(shown: Shown): JSX.Element {
  const { deps, visit, project } = shown;
  const { actor } = visit;
  const pull = pullText(shown);
  return (
    <Card id="pull-title" title="Pull and clone" note={<Password {...{ visit, project }} />}>
      <Lines>
        {actor.kind === 'user' && (
          <Line
            id="login"
            label="Sign in"
            text={`docker login ${deps.registryHost} -u ${actor.user.username}`}
          />
        )}
        {pull !== null && <Line id="pull" label="Pull" text={pull} />}
        <Line id="clone" label="Clone" text={`git clone ${deps.publicUrl}/${project.path}.git`} />
      </Lines>
      <CardFoot>
        <span>
          Images: <code>{imageName(deps.registryHost, project.path)}</code> and everything below it
        </span>
      </CardFoot>
    </Card>
  );
}

/** Of a tag that is there; null where there is none, and a guess while the registry does not say. */
function pullText({ deps, project, found: { one, all } }: Shown): string | null {
  for (const { repository, tags } of one === null ? (all?.items ?? []) : [one]) {
    const [newest] = tags?.tags ?? [];
    if (newest !== undefined) {
      return pullCommand(deps, repository, newest);
    }
  }
  const isKnown = one === null ? all?.isWhole === true : one.tags !== null;
  return isKnown ? null : pullCommand(deps, namespaceOf(project.path), NO_TAG);
}

function Password({ visit, project }: Pick<Shown, 'visit' | 'project'>): JSX.Element {
  if (visit.actor.kind !== 'user') {
    return <>Everybody can, without signing in.</>;
  }
  return (
    <>
      The password is a{' '}
      <a href={`${ADDRESSES.profile.path}#new-access-token`}>personal access token</a>. A machine
      uses a{' '}
      {isAllowed(visit.actor, 'manage', project) ? (
        <a href={addressOf('repository', { place: project.path })}>deploy token</a>
      ) : (
        'deploy token'
      )}
      , which only reads.
    </>
  );
}

function NoPull(shown: Shown): JSX.Element {
  return (
    <Notice kind="info" standing>
      <strong>You see this project as a guest.</strong> To pull its images and clone its git
      repository, you need the role reporter. {askText(shown)}
    </Notice>
  );
}

function Push({ deps, project }: Shown): JSX.Element {
  const image = imageName(deps.registryHost, project.path);
  return (
    <Card
      id="push-title"
      title="Push"
      note={
        <>
          With a <a href={`${ADDRESSES.profile.path}#new-access-token`}>personal access token</a>{' '}
          that has write_registry and read_registry, or write_repository.
        </>
      }
    >
      <Lines>
        <Line id="push-image" label="Image" text={`docker push ${image}:latest`} />
        <Line
          id="push-remote"
          label="Remote"
          text={`git remote add origin ${deps.publicUrl}/${project.path}.git`}
        />
        <Line id="push-git" label="Git" text="git push -u origin HEAD" />
      </Lines>
    </Card>
  );
}

function Rail(shown: Shown): JSX.Element {
  const { deps, visit, project, maintainers, details } = shown;
  const { name = '', description = '' } = details ?? {};
  const role = visit.actor.kind === 'user' ? roleInProject(visit.actor.roles, project) : undefined;
  return (
    <>
      <Card id="about" title="About">
        <CardBody>
          {description !== '' && <p class="description">{description}</p>}
          <Facts
            facts={[
              ...(name === lastComponent(project.path) ? [] : [['Name', name] as const]),
              ['Visibility', project.visibility],
              ['Made', <Ago instant={project.createdAt} now={deps.now()} />],
              ...(maintainers.length === 0 ? [] : [['Maintainers', namesOf(maintainers)] as const]),
              ...(visit.actor.kind === 'user' ? [['You are', roleText(visit, role)] as const] : []),
            ]}
          />
        </CardBody>
      </Card>
      <Machines {...shown} />
    </>
  );
}

function roleText({ actor }: Visit, role: string | undefined): string {
  const isAdmin = actor.kind === 'user' && actor.user.isAdmin;
  return (
    [...(role === undefined ? [] : [role]), ...(isAdmin ? ['administrator'] : [])].join(', ') ||
    'not a member'
  );
}

function Machines(shown: Shown): JSX.Element {
  const { visit, project } = shown;
  return (
    <Card id="machines" title="For machines: deploy tokens">
      <CardBody>
        <p class="small muted">
          A server, a cluster or a CI job signs in with a deploy token. It only reads, belongs to
          this project, and is nobody’s account.
        </p>
        {isAllowed(visit.actor, 'manage', project) ? (
          <div class="actions">
            <a class="button" href={addressOf('repository', { place: project.path })}>
              Manage deploy tokens
            </a>
          </div>
        ) : (
          <p class="small">Maintainers of this project create them. {askText(shown)}</p>
        )}
      </CardBody>
    </Card>
  );
}

function askText({ maintainers }: Pick<Shown, 'maintainers'>): string {
  return maintainers.length === 0
    ? 'Ask a maintainer or an administrator.'
    : `Ask a maintainer: ${namesOf(maintainers)}.`;
}

function namesOf(users: readonly User[]): string {
  const names = users.slice(0, MOST_NAMED).map(({ username }) => username);
  return [...names, ...(users.length > MOST_NAMED ? ['others'] : [])].join(', ');
}
