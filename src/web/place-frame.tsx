import type { JSX } from 'preact';
import type { Owner } from '../access/deploy-token.js';
import type { Place } from '../access/namespace.js';
import type { PageName } from '../access/page-access.js';
import { decideAt } from '../access/permissions.js';
import type { Visibility } from '../access/project.js';
import { pathsAbove } from '../access/tree.js';
import { ADDRESSES, SETTINGS_TABS, tabAddress } from './addresses.js';
import { adminFrame } from './admin-frame.js';
import { Band, type Crumb, type Tab } from './parts/band.js';
import { Chip } from './parts/chip.js';
import type { IconName } from './parts/icon.js';
import { page, type PageAnswer, type Visit } from './visit.js';

export const VISIBILITY_ICONS: Readonly<Record<Visibility, IconName>> = {
  private: 'lock',
  internal: 'users',
  public: 'globe',
};

interface Shown {
  /** Of the browser's tab, without the place. */
  readonly title: string;
  readonly body: JSX.Element;
  readonly status?: number;
  /** Behind the place's. */
  readonly crumbs?: readonly Crumb[];
  /** Beside the heading. */
  readonly actions?: JSX.Element | null;
}

/** A page of a project or a namespace, with the heading and the tabs that they all share. */
export function placeFrame(
  visit: Visit,
  place: Place,
  current: PageName,
  shown: Shown,
): PageAnswer {
  const { title, body, status = 200, crumbs = [], actions = null } = shown;
  const band = (
    <Band
      crumbs={[...placeCrumbs(place, crumbs.length === 0 && current === 'place'), ...crumbs]}
      {...(place.kind === 'namespace' && { icon: 'folder-tree' })}
      title={<PlacePath path={place.path} />}
      chips={<PlaceChips place={place} />}
      {...(actions !== null && { actions })}
      {...(decideAt(visit.actor, 'manage', place) === null && {
        tabs: {
          label: place.kind === 'project' ? 'Project' : 'Namespace',
          tabs: tabsOf(place, current),
        },
      })}
    />
  );
  return page(title === '' ? place.path : `${title} · ${place.path}`, body, { status, band });
}

/** The same for what belongs to the instance too, which administrators see. */
export function ownerFrame(visit: Visit, owner: Owner, shown: Shown): PageAnswer {
  return owner.kind === 'instance'
    ? adminFrame('all-deploy-tokens', shown)
    : placeFrame(visit, owner, 'repository', shown);
}

/** Home, the namespaces above the place, and the place. */
export function placeCrumbs({ path }: { readonly path: string }, isLast = false): Crumb[] {
  const above = pathsAbove(path).map((each) => ({ label: lastComponent(each), href: `/${each}` }));
  const own = { label: lastComponent(path), href: isLast ? null : `/${path}` };
  return [{ label: 'Home', href: ADDRESSES.home.path }, ...above, own];
}

export function lastComponent(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function tabsOf(place: Place, current: PageName): Tab[] {
  return [
    { label: 'Overview', href: `/${place.path}`, isCurrent: current === 'place' },
    ...SETTINGS_TABS.map(({ page: name, label, path }) => ({
      label: label[place.kind],
      href: tabAddress(path, place.path),
      isCurrent: current === name,
      group: 'Settings',
    })),
  ];
}

/** Its state, in words. */
export function PlaceChips({ place }: { readonly place: Place }): JSX.Element {
  if (place.kind === 'namespace') {
    return (
      <Chip icon={place.userId === null ? 'folder-tree' : 'user'}>
        {place.userId === null ? 'namespace' : 'personal namespace'}
      </Chip>
    );
  }
  return (
    <>
      <Chip icon={VISIBILITY_ICONS[place.visibility]}>{place.visibility}</Chip>
      {place.archivedAt !== null && (
        <Chip kind="warn" icon="archive">
          archived
        </Chip>
      )}
    </>
  );
}

/** May be broken into lines after its slashes. */
export function PlacePath({ path }: { readonly path: string }): JSX.Element {
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
