import type { Cursor } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import {
  countDeployTokens,
  listDeployTokens,
  type ListedDeployToken,
  type TokenSelection,
} from '../../../services/deploy-token-overview.js';
import { usesByDayOf } from '../../../services/deploy-token-days.js';
import { usernamesOf } from '../../../services/users.js';
import { fieldText } from '../../fields.js';
import { PER_PAGE } from '../../paging.js';
import { projectFrame } from '../../project-frame.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { readView } from './view.js';
import { DeployTokenSection } from './section.js';
import { SPARK_DAYS } from './tables.js';

/** More than these are on the page of each, and on the home page. */
const MOST_REFUSED = 20;

/** Settings › Repository: the deploy tokens of a project, what needs attention first. */
export async function deployTokensPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
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
    return await listDeployTokens(deps, actor, { owner: project, need, text }, request);
  }

  const counts = await countDeployTokens(deps, actor, project);
  const matching = text === '' ? counts : await countDeployTokens(deps, actor, project, text);
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
  const names = await usernamesOf(deps, revokers([...refused, ...shown.items]));
  return projectFrame(visit, project, 'repository', {
    title: 'Deploy Tokens',
    body: (
      <DeployTokenSection
        visit={visit}
        project={project}
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
    ),
  });
}

function revokers(tokens: readonly ListedDeployToken[]): (number | null)[] {
  return tokens.map(({ token }) => token.revokedBy);
}
