import type { JSX } from 'preact';
import type { Namespace } from '../../../access/namespace.js';
import type { Page } from '../../../access/page.js';
import { EVERY_NAMESPACE, pageOfNamespaces } from '../../../services/namespaces.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Row, Rows } from '../../parts/rows.js';
import { PlacePath } from '../../place-frame.js';
import type { SignedInVisit, WebDeps } from '../../visit.js';

const MOST_SHOWN = 10;

/** One's own first: top-level ones, or all whose path a search finds: so many at most. */
export async function findNamespaces(
  deps: WebDeps,
  { actor }: SignedInVisit,
  text: string,
): Promise<Page<Namespace>> {
  // Administrators see those of all users, which would be the whole list.
  const topLevel = { parent: null, personal: actor.user.isAdmin ? 'none' : 'too' } as const;
  const filter = {
    ...EVERY_NAMESPACE,
    firstOf: actor.user.id,
    ...(text === '' ? topLevel : { text }),
  };
  const request = { limit: MOST_SHOWN, start: { after: null }, total: false } as const;
  return await pageOfNamespaces(deps, actor, filter, request);
}

/** Those that the visitor has a role in, or sees something below. */
export function Namespaces(props: {
  readonly found: Page<Namespace>;
  readonly text: string;
}): JSX.Element | null {
  const { found, text } = props;
  return found.items.length === 0 ? null : (
    <Card
      id="namespaces"
      title="Namespaces"
      {...(text !== '' && { note: `Whose path has “${text}”.` })}
    >
      <Rows>
        {found.items.map(({ id, path, userId }) => (
          <Row
            key={id}
            icon={userId === null ? 'folder-tree' : 'user'}
            title={
              <a href={`/${path}`}>
                <PlacePath path={path} />
              </a>
            }
          />
        ))}
      </Rows>
      {found.next !== null && (
        <CardFoot>
          <span>The first {MOST_SHOWN}, by path. The search finds the others.</span>
        </CardFoot>
      )}
    </Card>
  );
}
