import type { Actor } from '../access/actor.js';
import { deployTokenStatus } from '../access/deploy-token.js';
import { AppError, type Problems } from '../access/errors.js';
import {
  ACTIONS_AT,
  explain,
  mayAskAbout,
  projectOf,
  type Explained,
  type Explanation,
  type ExplainQuestion,
} from '../access/explanation.js';
import { isPath, namespaceOf, type OwnedPrefix } from '../access/project.js';
import { isRepositoryName } from '../access/repository-name.js';
import type { Store } from '../store/open-store.js';
import { findDeployToken } from './deploy-tokens.js';
import { problemsOf, requireNoProblems } from './problems.js';

export interface ExplainDeps {
  readonly store: Pick<Store, 'deployTokens' | 'projects' | 'namespaces' | 'users' | 'members'>;
  readonly now: () => Date;
}

/** `who` is a username, or the id of a deploy token. */
export interface AskedToExplain extends ExplainQuestion {
  readonly who: string | number;
}

/** Of several deploy tokens with one username. */
const MOST_ALIKE = 20;

/**
 * What the door would decide, and why; for deploy tokens that the actor may see, for the own account, and for
 * accounts that ask for a project that the actor maintains. Everything else looks like what is not there.
 */
export async function explainAccess(
  deps: ExplainDeps,
  actor: Actor,
  { who, ...question }: AskedToExplain,
): Promise<Explanation> {
  requireNoProblems(questionProblems(question));
  const owned = await ownersOf(deps, question);
  const explained =
    (await tokenOf(deps, actor, who)) ??
    (typeof who === 'string' ? await accountOf(deps, actor, who, { question, owned }) : null);
  if (explained === null) {
    throw new AppError(
      'not_found',
      `There is no deploy token or account ${who} that you may ask about.`,
      { field: 'who' },
    );
  }
  return explain(explained, question, { owned, now: deps.now(), reader: actor });
}

function questionProblems({ door, action, name }: ExplainQuestion): Problems {
  const actions: readonly string[] = ACTIONS_AT[door];
  const [isName, what] =
    door === 'git'
      ? [isPath(name), 'path of a project']
      : [isRepositoryName(name), 'name of a repository'];
  return problemsOf({
    action: actions.includes(action)
      ? null
      : `At the door for ${door === 'git' ? 'code' : 'images'} the action is ${actions.join(' or ')}.`,
    name: isName ? null : `${JSON.stringify(name)} is no ${what}.`,
  });
}

async function ownersOf(
  { store: { projects } }: ExplainDeps,
  { door, name }: ExplainQuestion,
): Promise<readonly OwnedPrefix[]> {
  if (door === 'registry') {
    return await projects.ownersOf([name]);
  }
  const project = await projects.findByPath(name);
  return project === null ? [] : [{ prefix: namespaceOf(project.path), project }];
}

/** Null for one that there is not, or that the actor may not see. An active one comes before others. */
async function tokenOf(
  deps: ExplainDeps,
  actor: Actor,
  who: string | number,
): Promise<Explained | null> {
  const { deployTokens } = deps.store;
  const now = deps.now();
  const alike =
    typeof who === 'number'
      ? await deployTokens.findByIds([who])
      : await deployTokens.findByUsername(who, MOST_ALIKE);
  const active = alike.filter((token) => deployTokenStatus(token, now) === 'active');
  for (const { id } of [...active, ...alike]) {
    const found = await findDeployToken(deps, actor, id).catch(nullIfHidden);
    if (found !== null) {
      return { kind: 'deploy-token', ...found };
    }
  }
  return null;
}

function nullIfHidden(error: unknown): null {
  if (error instanceof AppError && error.code === 'not_found') {
    return null;
  }
  throw error;
}

async function accountOf(
  { store: { users, members } }: ExplainDeps,
  actor: Actor,
  username: string,
  {
    question,
    owned,
  }: { readonly question: ExplainQuestion; readonly owned: readonly OwnedPrefix[] },
): Promise<Explained | null> {
  const user = await users.findByUsername(username);
  return user === null || !mayAskAbout(actor, user, projectOf(question, owned))
    ? null
    : { kind: 'user', user, roles: await members.rolesOf(user.id) };
}
