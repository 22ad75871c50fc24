import type { JSX } from 'preact';
import { isAllowed } from '../../../access/permissions.js';
import type { Project } from '../../../access/project.js';
import { addressOf } from '../../addresses.js';
import { imageName } from '../../artefacts.js';
import { Alert, Snippet } from '../../components.js';
import { ProjectFrame } from '../../project-frame.js';
import { page, type Answer, type Visit, type WebDeps } from '../../visit.js';

/** What the project is, and how to log in, pull and clone. */
export async function projectPage(deps: WebDeps, visit: Visit, project: Project): Promise<Answer> {
  return await Promise.resolve(
    page(
      project.path,
      <ProjectFrame visit={visit} project={project} current="project">
        <Overview deps={deps} visit={visit} project={project} />
      </ProjectFrame>,
    ),
  );
}

function Overview(props: {
  readonly deps: WebDeps;
  readonly visit: Visit;
  readonly project: Project;
}): JSX.Element {
  const { deps, visit, project } = props;
  const image = imageName(deps.registryHost, project.path);
  const mayManage = isAllowed(visit.actor, 'manage', project);
  return (
    <>
      {project.archivedAt !== null && (
        <Alert kind="info">
          This project is archived: nobody pushes to it. What it holds can still be pulled and
          cloned.
        </Alert>
      )}
      <div class="columns">
        <section class="card" aria-labelledby="images">
          <h2 id="images">Images</h2>
          <p>
            <code>{image}</code> and everything below it.
          </p>
          <h3>Log in</h3>
          <Snippet id="login" label="Log in" text={`docker login ${deps.registryHost}`} />
          <h3>Pull</h3>
          <Snippet id="pull" label="Pull" text={`docker pull ${image}:latest`} />
        </section>
        <section class="card" aria-labelledby="code">
          <h2 id="code">Git repository</h2>
          <p>Git asks for a username, and for a token as the password.</p>
          <h3>Clone</h3>
          <Snippet
            id="clone"
            label="Clone"
            text={`git clone ${deps.publicUrl}/${project.path}.git`}
          />
        </section>
      </div>
      <section class="card" aria-labelledby="machines">
        <h2 id="machines">For machines: deploy tokens</h2>
        <p>
          A server, a cluster or a CI runner logs in with a deploy token, which only reads, belongs
          to this project alone, and is nobody’s account.
        </p>
        {mayManage ? (
          <a class="button primary" href={addressOf('repository', { project: project.path })}>
            Manage deploy tokens
          </a>
        ) : (
          <p class="muted">Maintainers of this project create them.</p>
        )}
      </section>
    </>
  );
}
