import { ACCESS_TOKEN_SCOPES, type AccessTokenScope } from '../../src/access/access-token.js';
import { ANONYMOUS, type Actor, type DoorName } from '../../src/access/actor.js';
import { takesCredential, type CredentialKind } from '../../src/access/credential.js';
import {
  decideOnUnowned,
  isAllowed,
  isAllowedOnInstance,
  PERMISSIONS,
  type InstancePermission,
  type Permission,
} from '../../src/access/permissions.js';
import { VISIBILITIES, type Visibility } from '../../src/access/project.js';
import { REASONS } from '../../src/access/reason.js';
import {
  aDeployToken,
  byAccessToken,
  anAdmin,
  aProject,
  tokenWith,
  userWho,
} from '../support/build.js';
import { tableRows, type Row } from '../support/markdown.js';

const INSTANCE = [
  'list_catalogue',
  'oversee',
  'administer',
] as const satisfies readonly InstancePermission[];

type AnyPermission = Permission | InstancePermission;
type May = (actor: Actor) => boolean;

/** Each row of the first table: true where all that it names is allowed. */
const ROWS: Readonly<Record<string, readonly May[]>> = {
  'pull images, clone: public': onProject(['pull_image', 'clone'], ['public']),
  'pull images, clone: internal': onProject(['pull_image', 'clone'], ['internal']),
  'pull images, clone: private': onProject(['pull_image', 'clone'], ['private']),
  'push images, git push': onProject(['push_image', 'git_push'], VISIBILITIES),
  'delete images': onProject(['delete_image'], VISIBILITIES),
  'see that a private project exists': onProject(['see_project'], ['private']),
  'see and manage deploy tokens, members, settings': onProject(
    ['see_settings', 'manage'],
    VISIBILITIES,
  ),
  'pull, push and delete images that no project owns': (
    ['pull_image', 'push_image', 'delete_image'] as const
  ).map((permission) => (actor) => decideOnUnowned(actor, permission, 'postgres') === null),
  '`registry:catalog:*`': [(actor) => isAllowedOnInstance(actor, 'list_catalogue')],
};

const COLUMNS: Readonly<Record<string, readonly Actor[]>> = {
  anonymous: [ANONYMOUS],
  'signed in, no member': [userWho(null)],
  guest: [userWho('guest')],
  reporter: [userWho('reporter')],
  developer: [userWho('developer')],
  'maintainer, owner': [userWho('maintainer'), userWho('owner')],
  administrator: [anAdmin()],
};

const PEOPLE_WORDS: Readonly<Record<string, string>> = { true: 'yes', false: '–' };

/** What the last column says, by what a token with both scopes, with none and of another project may. */
const DEPLOY_TOKEN_WORDS: Readonly<Record<string, readonly string[]>> = {
  'true, true, true': ['as anonymous; what it reaches by scope'],
  'true, false, false': ['what it reaches, by scope'],
  'false, false, false': ['**never**', '–'],
};

const DOORS: Readonly<Record<string, DoorName>> = {
  registry: 'registry',
  git: 'git',
  API: 'api',
  pages: 'web',
};

const CREDENTIALS: Readonly<Record<string, CredentialKind>> = {
  'deploy token': 'deploy_token',
  'personal access token': 'access_token',
  password: 'password',
};

const SCOPE_WORDS: Readonly<Record<string, readonly AnyPermission[]>> = {
  everything: [...PERMISSIONS, ...INSTANCE],
  'seeing projects': ['see_project'],
  'reading what `api` manages': ['see_settings', 'oversee'],
  'pull images': ['pull_image'],
  'the catalogue': ['list_catalogue'],
  'push images': ['push_image'],
  'a push needs `read_registry` too': [],
  clone: ['clone'],
  'git push': ['git_push'],
};

/** Where docs/permissions.md says something else than src/access does. */
export function permissionsPageDifferences(page: string): string[] {
  const rows = tableRows(page, 'may');
  const scopes = tableRows(page, 'scope');
  return [
    ...missing(
      Object.keys(ROWS),
      rows.map(({ may = '' }) => may),
    ),
    ...missing(
      [...ACCESS_TOKEN_SCOPES].map((scope) => `\`${scope}\``),
      scopes.map(({ scope = '' }) => scope),
    ),
    ...missing(
      Object.keys(DOORS),
      tableRows(page, 'door').map(({ door = '' }) => door),
    ),
    ...missing(
      REASONS,
      [...page.matchAll(/^- `(?<reason>[a-z_]+)`: /gm)].map(([, reason = '']) => reason),
    ),
    ...rows.flatMap(rowDifferences),
    ...scopes.flatMap(scopeDifferences),
    ...tableRows(page, 'door').flatMap(credentialDifferences),
  ];
}

function missing(wanted: readonly string[], found: readonly string[]): string[] {
  return wanted
    .filter((name) => found.filter((other) => other === name).length !== 1)
    .map((name) => `${name} has not exactly one row`);
}

function rowDifferences({ may = '', ...row }: Row): string[] {
  const checks = ROWS[may];
  if (checks === undefined) {
    return [`${may}: no such row`];
  }
  const { 'deploy token': deployToken = '', ...people } = row;
  const named = Object.keys(people).join() === Object.keys(COLUMNS).join() ? [] : ['other columns'];
  const wrong = Object.entries(COLUMNS).flatMap(([column, actors]) => {
    const answer = answerOf(actors, checks);
    return PEOPLE_WORDS[answer] === people[column] ? [] : [`${may}, ${column}: it is ${answer}`];
  });
  const words = deployTokenWords(checks);
  const isRight = words.includes(deployToken);
  return [...named, ...wrong, ...(isRight ? [] : [`${may}, deploy token: it is ${words.join()}`])];
}

function credentialDifferences({ door: name = '', ...row }: Row): string[] {
  const door = DOORS[name];
  if (door === undefined) {
    return [`${name}: no such door`];
  }
  return Object.entries(CREDENTIALS).flatMap(([column, kind]) => {
    const answer = String(takesCredential(door, kind));
    return PEOPLE_WORDS[answer] === row[column] ? [] : [`${name}, ${column}: it is ${answer}`];
  });
}

function deployTokenWords(checks: readonly May[]): readonly string[] {
  const scopes = ['read_registry', 'read_repository'] as const;
  const elsewhere: Actor = {
    kind: 'deploy-token',
    token: aDeployToken({ owner: { kind: 'project', id: 2 }, scopes }),
  };
  const answers = [tokenWith(...scopes), tokenWith(), elsewhere].map((actor) =>
    answerOf([actor], checks),
  );
  return DEPLOY_TOKEN_WORDS[answers.join(', ')] ?? ['nothing that this test has words for'];
}

/** `true` or `false` where all checks give that to all actors. */
function answerOf(actors: readonly Actor[], checks: readonly May[]): string {
  const answers = new Set(actors.flatMap((actor) => checks.map((check) => check(actor))));
  return [...answers].join(' and ');
}

function scopeDifferences({ scope: cell = '', leaves = '' }: Row): string[] {
  const scope = ACCESS_TOKEN_SCOPES.find((name) => cell === `\`${name}\``);
  if (scope === undefined) {
    return [`${cell}: no such scope`];
  }
  const phrases = leaves.split(/[;,] /);
  const unknown = phrases.filter((phrase) => !(phrase in SCOPE_WORDS));
  const told = phrases.flatMap((phrase) => SCOPE_WORDS[phrase] ?? []);
  const left = permissionsLeftBy(scope);
  const isRight = left.toSorted().join() === told.toSorted().join();
  return [
    ...unknown.map((phrase) => `${scope}: nobody knows what "${phrase}" is`),
    ...(isRight ? [] : [`${scope}: it leaves ${left.join(', ')}`]),
  ];
}

function permissionsLeftBy(scope: AccessTokenScope): AnyPermission[] {
  const actor: Actor = { ...anAdmin(), credential: byAccessToken({ scopes: [scope] }) };
  return [
    ...PERMISSIONS.filter((permission) => isAllowed(actor, permission, aProject())),
    ...INSTANCE.filter((permission) => isAllowedOnInstance(actor, permission)),
  ];
}

function onProject(
  permissions: readonly Permission[],
  visibilities: readonly Visibility[],
): readonly May[] {
  return permissions.flatMap((permission) =>
    visibilities.map(
      (visibility) => (actor: Actor) => isAllowed(actor, permission, aProject({ visibility })),
    ),
  );
}
