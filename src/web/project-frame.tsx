import type { ComponentChildren, JSX } from 'preact';
import type { PageName } from '../access/page-access.js';
import { isAllowed } from '../access/permissions.js';
import type { Project } from '../access/project.js';
import { SETTINGS_TABS } from './addresses.js';
import { Badge } from './components.js';
import type { Visit } from './visit.js';

/** The heading and the tabs that all pages of a project share. */
export function ProjectFrame(props: {
  readonly visit: Visit;
  readonly project: Project;
  readonly current: PageName;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { project, current, visit } = props;
  const isOverview = current === 'project';
  return (
    <>
      <div class="project-head">
        <h1>
          <ProjectPath path={project.path} />
        </h1>
        <span class="badges">
          <Badge>{project.visibility}</Badge>
          {project.archivedAt !== null && <Badge kind="warn">archived</Badge>}
        </span>
      </div>
      {isAllowed(visit.actor, 'manage', project) && (
        <nav class="tabs" aria-label="Project">
          <a href={`/${project.path}`} aria-current={isOverview ? 'page' : undefined}>
            Overview
          </a>
          <span class="tabs-group" aria-hidden="true">
            Settings
          </span>
          {SETTINGS_TABS.map(({ page, label, path }) => (
            <a
              key={page}
              href={path.replace(':project', project.path)}
              aria-current={current === page ? 'page' : undefined}
            >
              <span class="visually-hidden">Settings: </span>
              {label}
            </a>
          ))}
        </nav>
      )}
      {props.children}
    </>
  );
}

/** May be broken into lines after its slashes. */
export function ProjectPath({ path }: { readonly path: string }): JSX.Element {
  const components = path.split('/');
  const name = components.pop();
  return (
    <span class="path">
      {components.map((component) => (
        <>
          <span class="namespace">{component}/</span>
          <wbr />
        </>
      ))}
      {name}
    </span>
  );
}
