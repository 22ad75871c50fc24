import type { JSX } from 'preact';
import type { PageName } from '../access/page-access.js';
import { isAllowed } from '../access/permissions.js';
import type { Project, Visibility } from '../access/project.js';
import { ADDRESSES, SETTINGS_TABS, tabAddress } from './addresses.js';
import { Band, type Crumb, type Tab } from './parts/band.js';
import { Chip } from './parts/chip.js';
import type { IconName } from './parts/icon.js';
import { page, type PageAnswer, type Visit } from './visit.js';

export const VISIBILITY_ICONS: Readonly<Record<Visibility, IconName>> = {
  private: 'lock',
  internal: 'users',
  public: 'globe',
};

/** A page of a project, with the heading and the tabs that they all share. */
export function projectFrame(
  visit: Visit,
  project: Project,
  current: PageName,
  shown: {
    /** Of the browser's tab, without the project. */
    readonly title: string;
    readonly body: JSX.Element;
    readonly status?: number;
    /** Behind the project's. */
    readonly crumbs?: readonly Crumb[];
  },
): PageAnswer {
  const { title, body, status = 200, crumbs = [] } = shown;
  const band = (
    <Band
      crumbs={[...projectCrumbs(project, crumbs.length === 0 && current === 'project'), ...crumbs]}
      title={<ProjectPath path={project.path} />}
      chips={<ProjectChips project={project} />}
      {...(isAllowed(visit.actor, 'manage', project) && {
        tabs: { label: 'Project', tabs: tabsOf(project, current) },
      })}
    />
  );
  return page(title === '' ? project.path : `${title} · ${project.path}`, body, { status, band });
}

/** Home, the namespaces above the project, and the project. */
export function projectCrumbs({ path }: Project, isLast = false): Crumb[] {
  const components = path.split('/');
  const above = components.slice(0, -1).map((label, index) => ({
    label,
    href: projectsUnder(components.slice(0, index + 1).join('/')),
  }));
  const own = { label: components.at(-1) ?? '', href: isLast ? null : `/${path}` };
  return [{ label: 'Home', href: ADDRESSES.home.path }, ...above, own];
}

/** The projects that somebody can see in a namespace. */
function projectsUnder(namespace: string): string {
  const query = new URLSearchParams({ show: 'all', q: `${namespace}/` });
  return `${ADDRESSES.home.path}?${query.toString()}`;
}

function tabsOf(project: Project, current: PageName): Tab[] {
  return [
    { label: 'Overview', href: `/${project.path}`, isCurrent: current === 'project' },
    ...SETTINGS_TABS.map(({ page: name, label, path }) => ({
      label,
      href: tabAddress(path, project.path),
      isCurrent: current === name,
      group: 'Settings',
    })),
  ];
}

/** Its state, in words. */
export function ProjectChips({ project }: { readonly project: Project }): JSX.Element {
  return (
    <>
      <Chip icon={VISIBILITY_ICONS[project.visibility]}>{project.visibility}</Chip>
      {project.archivedAt !== null && (
        <Chip kind="warn" icon="archive">
          archived
        </Chip>
      )}
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
          <span class="ns">{component}/</span>
          <wbr />
        </>
      ))}
      {name}
    </span>
  );
}
