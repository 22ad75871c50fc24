import { expect } from 'chai';
import * as fc from 'fast-check';
import { anyText } from '../property/arbitraries.js';
import { FORM, type Answer, type HttpRequest } from '../support/token-client.js';
import { callerTitle, isRefused, tampered, tampering, type Tampering } from './inputs.js';
import { differences, mayChange, stateOf } from './state.js';
import { may, PEOPLE, type Identity, type Person } from './table.js';
import { target, type FuzzTarget } from './target.js';
import type { Caller, World } from './world.js';

const PREFIX = '/api/v4';
const HEADERS = ['private-token', 'bearer'] as const;
/** What the username tells nothing of: only secrets are presented here. */
const ANOTHER_NAME: readonly Tampering[] = ['other username', 'empty username'];

/** The REST API: what is read is judged by the table. */
export function apiReadTarget(world: World): FuzzTarget {
  const paths = [...world.projects.map(({ path }) => path), ...world.missing];
  const number = fc.oneof(fc.integer({ min: -1, max: 200 }).map(String), anyText);
  const question = fc.record({
    caller: mostlyWith(world, 'api', 'read_api'),
    tampering,
    header: fc.constantFrom(...HEADERS),
    path: fc.constantFrom(...paths),
    what: fc.constantFrom('', '/deploy_tokens', '/members'),
    page: fc.option(number),
    perPage: fc.option(number),
  });
  return target('API: reading', question, async ({ caller: title, ...asked }) => {
    const caller = world.caller(title);
    const { page, perPage } = asked;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ page, per_page: perPage })) {
      if (value !== null) {
        query.append(name, value);
      }
    }
    const answer = await world.send({
      method: 'GET',
      target: `${PREFIX}/projects/${encodeURIComponent(asked.path)}${asked.what}?${query.toString()}`,
      headers: presenting(caller, asked),
    });

    if (isUnknown(caller, asked.tampering)) {
      expect(answer.status).to.equal(401);
      return 'refused: credentials';
    }
    const expected = statusFor(world, caller.identity, asked);
    const hasPage = page !== null || perPage !== null;
    expect(answer.status).to.be.oneOf(hasPage ? [expected, 400] : [expected]);
    expect(Number(answer.headers['x-per-page'] ?? 1)).to.be.within(1, 100);
    return `answered ${answer.status}`;
  });
}

/** Everybody, and more often those who get somewhere here. */
function mostlyWith(world: World, ...scopes: readonly string[]): fc.Arbitrary<string> {
  const able = world.callers.filter(
    ({ identity, isDead }) => !isDead && hasScope(identity, scopes),
  );
  return fc.oneof(callerTitle(world), {
    arbitrary: fc.constantFrom(...able.map(({ title }) => title)),
    weight: 3,
  });
}

interface Read {
  readonly path: string;
  readonly what: string;
}

function statusFor(world: World, identity: Identity, { path, what }: Read): number {
  const project = world.projects.find((each) => each.path === path);
  if (identity.kind === 'person' && !hasScope(identity, ['api', 'read_api'])) {
    return 403;
  }
  if (project === undefined || !may(identity, 'see', project)) {
    return 404;
  }
  if (identity.kind === 'anonymous' && what !== '') {
    return 401;
  }
  // A scope of its own lets read what the role lets manage.
  const withRole = identity.kind === 'person' ? { ...identity, scopes: null } : identity;
  return what === '' || may(withRole, 'manage', project) ? 200 : 403;
}

function hasScope(identity: Identity, scopes: readonly string[]): boolean {
  return (
    identity.kind === 'person' &&
    identity.scopes !== null &&
    identity.scopes.some((scope) => scopes.includes(scope))
  );
}

/** Nothing but a personal access token is a credential here. */
function isUnknown(caller: Caller, how: Tampering): boolean {
  const { login, identity, isDead } = caller;
  const isToken = identity.kind === 'person' && identity.scopes !== null;
  return (
    login !== null &&
    (!isToken || isDead || (isRefused(caller, how) && !ANOTHER_NAME.includes(how)))
  );
}

function presenting(
  caller: Caller,
  { tampering: how, header }: { readonly tampering: Tampering; readonly header: string },
): Readonly<Record<string, string>> {
  const presented = tampered(caller, how);
  if (presented === null) {
    return {};
  }
  return header === 'bearer'
    ? { authorization: `Bearer ${presented.secret}` }
    : { 'private-token': presented.secret };
}

/** What changes is judged by who may change it. */
export function apiWriteTarget(world: World): FuzzTarget {
  const request = fc.record({
    caller: mostlyWith(world, 'api'),
    tampering,
    header: fc.constantFrom(...HEADERS),
    call: calls(world),
    body: fc.constantFrom<Kind>('json', 'json', 'json', 'json', 'form', 'broken json', 'other'),
  });
  return target('API: writing', request, async ({ caller: title, call, body, ...how }) => {
    const caller = world.caller(title);
    const before = await stateOf(world.app.service.store);
    const answer = await world.send(messageOf(call, body, presenting(caller, how)));

    const changed = differences(before, await stateOf(world.app.service.store));
    const sender = isUnknown(caller, how.tampering) ? null : writerIn(caller.identity);
    for (const thing of changed) {
      expect(mayChange(world, before, { sender, thing }), `${title} changed ${thing}`).to.equal(
        true,
      );
    }
    expectRefusedIf(sender === null, answer);
    return changed.length > 0 ? 'changed something' : `changed nothing: ${answer.status}`;
  });
}

/** Null for whoever may change nothing at all by the API. */
function writerIn(identity: Identity): Person | null {
  return identity.kind === 'person' && hasScope(identity, ['api']) ? identity.person : null;
}

function expectRefusedIf(isNobody: boolean, { status }: Answer): void {
  if (isNobody) {
    expect(status).to.be.oneOf([400, 401, 403, 404, 405, 415]);
  }
}

type Kind = 'json' | 'form' | 'broken json' | 'other';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

function messageOf(
  { method, path, parameters }: Call,
  kind: Kind,
  credentials: Readonly<Record<string, string>>,
): HttpRequest {
  const json = JSON.stringify(parameters);
  const form = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)]),
  ).toString();
  const bodies: Readonly<Record<Kind, readonly [type: string, body: string]>> = {
    json: ['application/json', json],
    form: [FORM, form],
    'broken json': ['application/json', json.slice(0, -1)],
    other: ['text/plain', json],
  };
  const [type, body] = bodies[kind];
  return {
    method,
    target: `${PREFIX}${path}`,
    headers: { ...credentials, 'content-type': type },
    body,
  };
}

function calls(world: World): fc.Arbitrary<Call> {
  const project = fc
    .constantFrom(...world.projects.map(({ path }) => path), ...world.missing)
    .map((path) => `/projects/${encodeURIComponent(path)}`);
  const id = fc.integer({ min: 0, max: 60 });
  const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    name: likely('ci', ''),
    scopes: likely(['read_registry'], ['api'], 'read_repository', [], ['sudo']),
    expires_at: likely(null, '2999-12-31', '2000-01-01'),
    username: likely(...PEOPLE.map((who) => `the-${who}`), 'robot'),
    user_id: fc.oneof(id, anyText),
    access_level: likely(10, 20, 30, 40, 50, 60, '40'),
    visibility: likely('private', 'internal', 'public'),
    default_branch: likely('main', 'trunk', '', 'a..b'),
    path: likely('fuzz/by-api', 'fuzz/private/below', 'api'),
    archived: likely(true, false),
    force_random_password: likely(true),
  };
  function call(
    method: string,
    path: fc.Arbitrary<string>,
    names: readonly string[],
  ): fc.Arbitrary<Call> {
    const fields = names.map((name) => [name, values[name] ?? fc.constant(null)] as const);
    return fc.record({
      method: fc.constant(method),
      path,
      parameters: fc.record(Object.fromEntries(fields), { requiredKeys: [] }),
    });
  }
  function below(suffix: string): fc.Arbitrary<string> {
    return fc.tuple(project, id).map(([path, number]) => `${path}${suffix}/${number}`);
  }
  function at(prefix: string, suffix = ''): fc.Arbitrary<string> {
    return id.map((number) => `${prefix}/${number}${suffix}`);
  }

  return fc.oneof(
    call(
      'POST',
      project.map((path) => `${path}/deploy_tokens`),
      ['name', 'scopes', 'expires_at'],
    ),
    call('DELETE', below('/deploy_tokens'), []),
    call(
      'POST',
      project.map((path) => `${path}/members`),
      ['username', 'user_id', 'access_level'],
    ),
    call('PUT', below('/members'), ['access_level']),
    call('DELETE', below('/members'), []),
    call('PUT', project, ['visibility', 'archived', 'default_branch']),
    call(
      'POST',
      project.map((path) => `${path}/archive`),
      [],
    ),
    call('POST', fc.constant('/projects'), ['path', 'name', 'visibility', 'default_branch']),
    call('POST', fc.constant('/users'), ['username', 'name', 'force_random_password']),
    call('POST', at('/users', '/block'), []),
    call('POST', fc.constant('/user/personal_access_tokens'), ['name', 'scopes', 'expires_at']),
    call('POST', at('/users', '/personal_access_tokens'), ['name', 'scopes', 'expires_at']),
    call('DELETE', at('/personal_access_tokens'), []),
    call('DELETE', project, []),
  );
}

/** One of these, or now and then anything that JSON can hold. */
function likely(...values: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...values), weight: 10 },
    { arbitrary: fc.jsonValue(), weight: 1 },
  );
}
