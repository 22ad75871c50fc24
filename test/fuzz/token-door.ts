import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  FORM,
  grantedBy,
  PATHS,
  SERVICE,
  type AccessEntries,
  type Answer,
} from '../support/token-client.js';
import { anyText } from '../property/arbitraries.js';
import {
  authorizationOf,
  callerTitle,
  isGenuine,
  isRefused,
  headerText,
  tampered,
  tampering,
  type Presented,
} from './inputs.js';
import {
  isForRegistry,
  may,
  mayListCatalogue,
  mayOnUnowned,
  type Act,
  type Identity,
  type JudgedProject,
} from './table.js';
import { target, type FuzzTarget } from './target.js';
import type { World } from './world.js';

interface Scope {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const REPOSITORY_MOSTLY = Array.from({ length: 8 }, () => 'repository');
const ACTIONS = ['pull', 'push', 'delete', '*', 'admin'];
const ACTS: ReadonlyMap<string, readonly Act[]> = new Map([
  ['pull', ['pull']],
  ['push', ['push']],
  ['delete', ['delete']],
  ['*', ['pull', 'push', 'delete']],
]);

/** Requests for JWTs: what they grant is exactly what the table says of what was asked. */
export function tokenDoorTargets(world: World): FuzzTarget[] {
  const scopes = fc.array(scopeOf(world), { maxLength: 5 });
  const paths = fc.constantFrom(...PATHS);
  const asked = fc.record({
    caller: callerTitle(world),
    tampering,
    method: fc.constantFrom('GET', 'POST'),
    path: paths,
    scopes,
    isJoined: fc.boolean(),
  });
  let denied: string | null = null;

  return [
    target('token door: scopes', asked, async (question) => {
      const caller = world.caller(question.caller);
      const answer = await world.send(requestOf(question, tampered(caller, question.tampering)));

      if (isRefused(caller, question.tampering)) {
        expect(answer.status).to.equal(401);
        if (isGenuine(question.tampering)) {
          return 'refused: a genuine secret';
        }
        // One text for all who hold no genuine secret.
        denied ??= answer.text;
        expect(answer.text).to.equal(denied);
        return 'refused: credentials';
      }
      return judge(world, caller.identity, question, answer);
    }),
    target(
      'token door: junk',
      fc.record({
        path: paths,
        method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'),
        authorization: fc.option(headerText),
        parameters: fc.array(fc.tuple(parameterName, anyText), { maxLength: 6 }),
        isForm: fc.boolean(),
      }),
      async ({ path, method, authorization, parameters, isForm }) => {
        const text = new URLSearchParams(parameters).toString();
        const answer = await world.send({
          method,
          target: isForm ? path : `${path}?${text}`,
          headers: {
            ...(authorization === null ? {} : { authorization }),
            ...(isForm ? { 'content-type': FORM } : {}),
          },
          body: isForm && method !== 'GET' && method !== 'HEAD' ? text : '',
        });

        // Nobody has shown good credentials: what is granted, anybody may have.
        if (answer.status === 200 && method !== 'HEAD') {
          expectAllowed(world, { kind: 'anonymous' }, grantedBy(answer));
        }
        return String(answer.status);
      },
    ),
  ];
}

const parameterName = fc.oneof(
  fc.constantFrom(
    'service',
    'scope',
    'account',
    'client_id',
    'grant_type',
    'username',
    'password',
    'refresh_token',
    'offline_token',
    'access_type',
  ),
  anyText,
);

function scopeOf(world: World): fc.Arbitrary<Scope> {
  const paths = [...world.projects.map(({ path }) => path), ...world.missing];
  const name = fc
    .tuple(
      fc.constantFrom(...paths, ...paths.map((path) => path.toLowerCase())),
      fc.constantFrom(
        '',
        '',
        '',
        '',
        '',
        '',
        '/api',
        '/a/b/c',
        '-evil',
        '/',
        '/..',
        '//api',
        '/API',
        '%2fapi',
      ),
    )
    .map((parts) => parts.join(''));
  return fc.oneof(
    {
      arbitrary: fc.record({
        type: fc.constantFrom(...REPOSITORY_MOSTLY, 'registry', 'repo'),
        name,
        actions: fc.subarray(ACTIONS, { minLength: 1 }),
      }),
      weight: 8,
    },
    {
      arbitrary: fc.constant({ type: 'registry', name: 'catalog', actions: ['*'] }),
      weight: 1,
    },
  );
}

interface Question {
  readonly method: string;
  readonly path: string;
  readonly scopes: readonly Scope[];
  readonly isJoined: boolean;
}

function requestOf(
  { method, path, scopes, isJoined }: Question,
  presented: Presented | null,
): Parameters<World['send']>[0] {
  const texts = scopes.map(({ type, name, actions }) => `${type}:${name}:${actions.join()}`);
  const values = isJoined && texts.length > 0 ? [texts.join(' ')] : texts;
  const parameters = new URLSearchParams([
    ['service', SERVICE],
    ...values.map((value): [string, string] => ['scope', value]),
  ]);
  if (method === 'GET') {
    return {
      method,
      target: `${path}?${parameters.toString()}`,
      headers: authorizationOf(presented),
    };
  }
  parameters.append('grant_type', 'password');
  if (presented !== null) {
    parameters.append('username', presented.username);
    parameters.append('password', presented.secret);
  }
  return { method, target: path, headers: { 'content-type': FORM }, body: parameters.toString() };
}

function judge(world: World, identity: Identity, question: Question, answer: Answer): string {
  if (identity.kind === 'anonymous' && question.method === 'POST') {
    expect(answer.status).to.equal(401);
    return 'refused: a form without a user';
  }
  if (identity.kind === 'anonymous' && question.scopes.length === 0) {
    expect(answer.status).to.equal(401);
    return 'refused: a login of nobody';
  }
  if (!isForRegistry(identity)) {
    expect(answer.status).to.equal(401);
    return 'refused: credentials for something else';
  }
  expect(answer.status).to.equal(200);
  const granted = grantedBy(answer);
  expect(comparable(granted)).to.deep.equal(
    comparable(expectedOf(world, identity, question.scopes)),
  );
  return granted.length > 0 ? 'granted something' : 'granted nothing';
}

/** What the table leaves of what was asked for. */
function expectedOf(world: World, identity: Identity, scopes: readonly Scope[]): Scope[] {
  return scopes
    .map((scope) => ({
      ...scope,
      actions: scope.actions.filter((action) => mayHave(world, identity, { ...scope, action })),
    }))
    .filter(({ actions }) => actions.length > 0);
}

interface Wish {
  readonly type: string;
  readonly name: string;
  readonly action: string;
}

function mayHave(world: World, identity: Identity, { type, name, action }: Wish): boolean {
  if (type === 'registry') {
    return name === 'catalog' && action === '*' && mayListCatalogue(identity);
  }
  const project = type === 'repository' ? ownerOf(world, name) : undefined;
  const acts = ACTS.get(action);
  if (type !== 'repository' || !isRepositoryName(name) || acts === undefined) {
    return false;
  }
  return acts.every((act) =>
    project === undefined ? mayOnUnowned(identity, act) : may(identity, act, project, name),
  );
}

function ownerOf({ projects }: World, name: string): JudgedProject | undefined {
  return projects.find(({ path }) => {
    const prefix = path.toLowerCase();
    return name === prefix || name.startsWith(`${prefix}/`);
  });
}

/** The registry's grammar, written down once more. */
function isRepositoryName(name: string): boolean {
  const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
  return name.length < 256 && new RegExp(`^${component}(?:/${component})*$`).test(name);
}

function expectAllowed(world: World, identity: Identity, granted: AccessEntries): void {
  for (const { type, name, actions } of granted) {
    for (const action of actions) {
      expect(
        mayHave(world, identity, { type, name, action }),
        `${type}:${name}:${action}`,
      ).to.equal(true);
    }
  }
}

/** One text for each thing granted, in order and once: scopes for one resource are merged. */
function comparable(entries: readonly Scope[]): string[] {
  const texts = entries.flatMap(({ type, name, actions }) =>
    actions.map((action) => `${type}:${name}:${action}`),
  );
  return [...new Set(texts)].sort();
}
