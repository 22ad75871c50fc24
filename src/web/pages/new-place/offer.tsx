import type { JSX } from 'preact';
import type { Namespace } from '../../../access/namespace.js';
import { decideInNamespace, mayCreateBelow } from '../../../access/permissions.js';
import { ADDRESSES } from '../../addresses.js';
import { Icon } from '../../parts/icon.js';
import type { Visit } from '../../visit.js';

/** Whether there is a namespace in which this visitor may make something. */
export function mayMake({ actor }: Visit): boolean {
  return mayCreateBelow(actor)?.length !== 0;
}

/** What to make, for whoever may: in this namespace, or in one to choose. */
export function MakeHere(props: {
  readonly visit: Visit;
  readonly namespace?: Namespace;
}): JSX.Element | null {
  const { visit, namespace } = props;
  const isOffered =
    namespace === undefined
      ? mayMake(visit)
      : decideInNamespace(visit.actor, 'create_project', namespace.path) === null;
  const query =
    namespace === undefined ? '' : `?${new URLSearchParams({ in: namespace.path }).toString()}`;
  return isOffered ? (
    <>
      <a class="button" href={ADDRESSES['new-namespace'].path + query}>
        New namespace
      </a>
      <a class="button primary" href={ADDRESSES['new-project'].path + query}>
        <Icon name="plus" />
        New project
      </a>
    </>
  ) : null;
}
