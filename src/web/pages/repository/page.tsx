import type { Place } from '../../../access/namespace.js';
import type { Cursor } from '../../../access/page.js';
import {
  countDeployTokens,
  listDeployTokens,
  type ListedDeployToken,
  type TokenSelection,
} from '../../../services/deploy-token-overview.js';
import { usesByDayOf } from '../../../services/deploy-token-days.js';
import { lastUsesOf } from '../../../services/deploy-token-uses.js';
import { deployTokensFromAbove } from '../../../services/deploy-tokens.js';
import { usernamesOf } from '../../../services/users.js';
import { fieldText } from '../../fields.js';
import { PER_PAGE } from '../../paging.js';
import { placeFrame } from '../../place-frame.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { readView } from './view.js';
import { DeployTokenSection } from './section.js';
import { FromAbove } from './from-above.js';
import { SPARK_DAYS } from './tables.js';

/** More than these are on the page of each, and on the home page. */
const MOST_REFUSED = 20;
/** Their owners have them all. */
const MOST_ABOVE = 100;
const NONE_ABOVE = { tokens: [], isCut: false } as const;

/** The deploy tokens of a project or a namespace, what needs attention first. */
export async function deployTokensPage(
  deps: WebDeps,
  visit: SignedInVisit,
  owner: Place,
): Promise<Answer> {
  const { actor, query } = visit;
  const view = readView(query);
  const after: Cursor | null = fieldText(query, 'after') || null;
  const isFirst = after === null;
  const { text } = view;
  async function list(
    need: TokenSelection['need'],
    request: { readonly limit: number; readonly after: Cursor | null },
  ): ReturnType<typeof listDeployTokens> {
    return await listDeployTokens(deps, actor, { whose: owner, need, text }, request);
  }

  const counts = await countDeployTokens(deps, actor, owner);
  const matching = text === '' ? counts : await countDeployTokens(deps, actor, owner, text);
  const refused =
    isFirst && view.showsRefused && matching.refused > 0
      ? (await list('refused', { limit: MOST_REFUSED, after: null })).items
      : [];
  const shown = await list(view.need, { limit: PER_PAGE, after });
  const days = await usesByDayOf(
    deps,
    shown.items.map(({ token }) => token),
    SPARK_DAYS,
  );
  const above = isFirst ? await deployTokensFromAbove(deps, actor, owner, MOST_ABOVE) : NONE_ABOVE;
  const aboveUses = await lastUsesOf(deps, above.tokens);
  const names = await usernamesOf(deps, revokers([...refused, ...shown.items]));
  return placeFrame(visit, owner, 'repository', {
    title: 'Deploy Tokens',
    body: (
      <>
        <DeployTokenSection
          visit={visit}
          owner={owner}
          view={view}
          counts={counts}
          matching={matching}
          refused={refused}
          tokens={shown.items}
          next={shown.next}
          names={names}
          days={days}
          now={deps.now()}
        />
        <FromAbove visit={visit} place={owner} {...above} uses={aboveUses} now={deps.now()} />
      </>
    ),
  });
}

function revokers(tokens: readonly ListedDeployToken[]): (number | null)[] {
  return tokens.map(({ token }) => token.revokedBy);
}
