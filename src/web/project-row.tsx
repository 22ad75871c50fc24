import type { JSX } from 'preact';
import type { Project } from '../access/project.js';
import { roleInProject } from '../access/role.js';
import type { tokensOfProjects } from '../services/deploy-token-overview.js';
import { Chip } from './parts/chip.js';
import { Row } from './parts/rows.js';
import { Ago } from './parts/time.js';
import { PlacePath, VISIBILITY_ICONS } from './place-frame.js';
import type { Visit } from './visit.js';

type Tokens =
  Awaited<ReturnType<typeof tokensOfProjects>> extends ReadonlyMap<number, infer T> ? T : never;

/** A project in a list. */
export function ProjectRow(props: {
  readonly visit: Visit;
  readonly project: Project;
  /** Left out for somebody who may not see them. */
  readonly tokens: Tokens | undefined;
  /** The namespace whose page lists it, which is not said again. */
  readonly below?: string;
  readonly now: Date;
}): JSX.Element {
  const { visit, project, tokens, below, now } = props;
  const role = visit.actor.kind === 'user' ? roleInProject(visit.actor.roles, project) : undefined;
  return (
    <Row
      icon="package"
      title={
        <>
          <a href={`/${project.path}`}>
            <PlacePath
              path={below === undefined ? project.path : project.path.slice(below.length + 1)}
            />
          </a>{' '}
          {role !== undefined && <Chip icon="user">{role}</Chip>}
          {project.visibility !== 'private' && (
            <Chip icon={VISIBILITY_ICONS[project.visibility]}>{project.visibility}</Chip>
          )}
          {project.archivedAt !== null && (
            <Chip kind="warn" icon="archive">
              archived
            </Chip>
          )}
        </>
      }
      meta={
        tokens === undefined ? undefined : (
          <>
            {tokens.active === 1 ? '1 deploy token' : `${tokens.active} deploy tokens`}
            {tokens.usedAt !== null && (
              <>
                {' '}
                · last used <Ago instant={tokens.usedAt} now={now} />
              </>
            )}
          </>
        )
      }
    />
  );
}
