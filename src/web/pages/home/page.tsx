import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { EVERY_PROJECT, pageOfProjects } from '../../../services/projects.js';
import { ADDRESSES } from '../../addresses.js';
import { Badge, Empty } from '../../components.js';
import { isFirstPage, pageIn, Pages } from '../../paging.js';
import { ProjectPath } from '../../project-frame.js';
import { page, redirect, type Answer, type Visit, type WebDeps } from '../../visit.js';

/** The projects that the visitor may know of: for a stranger the public ones, or the way in. */
export async function homePage(deps: WebDeps, visit: Visit): Promise<Answer> {
  const { actor, query } = visit;
  const request = { ...pageIn(query), total: false };
  const found = await pageOfProjects(deps, actor, EVERY_PROJECT, request);
  if (actor.kind === 'anonymous' && found.items.length === 0 && isFirstPage(query)) {
    return redirect(ADDRESSES['sign-in'].path);
  }
  return page('Projects', <Projects visit={visit} found={found} />);
}

function Projects(props: { readonly visit: Visit; readonly found: Page<Project> }): JSX.Element {
  const { visit, found } = props;
  const { actor } = visit;
  const isSignedIn = actor.kind === 'user';
  return (
    <>
      <div class="title-row">
        <h1>Projects</h1>
        {isSignedIn && (
          <a class="button primary" href={ADDRESSES['new-project'].path}>
            New project
          </a>
        )}
      </div>
      {found.items.length === 0 && isFirstPage(visit.query) ? (
        <Empty title="No projects yet">
          <p>
            A project owns images and a git repository, and the deploy tokens that read them.{' '}
            <a href={ADDRESSES['new-project'].path}>Create the first one</a>, or ask to be made a
            member of one.
          </p>
        </Empty>
      ) : (
        <ul class="project-list">
          {found.items.map((project) => (
            <li key={project.id}>
              <a href={`/${project.path}`}>
                <ProjectPath path={project.path} />
              </a>
              <span class="badges">
                {actor.kind === 'user' && actor.roles.has(project.id) && (
                  <Badge>{actor.roles.get(project.id)}</Badge>
                )}
                <Badge>{project.visibility}</Badge>
                {project.archivedAt !== null && <Badge kind="warn">archived</Badge>}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Pages visit={visit} of="projects" next={found.next} />
    </>
  );
}
