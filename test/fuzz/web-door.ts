import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Answer } from '../support/token-client.js';
import { FORM } from '../support/token-client.js';
import { hidden, webClient } from '../support/web-client.js';
import { anyText } from '../property/arbitraries.js';
import { may, PEOPLE, type Person } from './table.js';
import { differences, mayChange, stateOf } from './state.js';
import { target, type FuzzTarget } from './target.js';
import type { World } from './world.js';

interface Session {
  readonly cookie: string;
  readonly csrf: string;
}

const SETTINGS = ['repository', 'members', 'general'] as const;

/** The pages and their forms, for everybody who can be signed in. */
export async function webDoorTargets(world: World): Promise<FuzzTarget[]> {
  const sessions = new Map<string, Session>();
  for (const [person, { username, secret }] of world.passwords) {
    const client = webClient(world.app.origin);
    await client.signIn(username, secret);
    const { html } = await client.get('/projects/new');
    const cookie = Array.from(client.cookies, (pair) => pair.join('=')).join('; ');
    sessions.set(person, { cookie, csrf: hidden(html, 'csrf') });
  }
  const person = fc.constantFrom(...PEOPLE);
  const paths = [...world.projects.map(({ path }) => path), ...world.missing];

  return [
    target(
      'pages',
      fc.record({
        person: fc.option(person),
        path: fc.constantFrom(...paths),
        suffix: fc.constantFrom('', ...SETTINGS.map((page) => `/-/settings/${page}`)),
      }),
      async ({ person: who, path, suffix }) => {
        const answer = await visit(world, sessions.get(who ?? ''), `/${path}${suffix}`);
        return judgePage(world, { who, path, suffix, answer });
      },
    ),
    formTarget(world, { sessions, person, paths }),
  ];
}

async function visit(world: World, session: Session | undefined, path: string): Promise<Answer> {
  const headers = { accept: 'text/html', ...(session && { cookie: session.cookie }) };
  return await world.send({ method: 'GET', target: path, headers });
}

function judgePage(
  world: World,
  visited: { who: Person | null; path: string; suffix: string; answer: Answer },
): string {
  const { who, path, suffix, answer } = visited;
  const identity =
    who === null
      ? ({ kind: 'anonymous' } as const)
      : ({ kind: 'person', person: who, scopes: null } as const);
  const project = world.projects.find((each) => each.path === path);
  if (who === null && suffix !== '') {
    expect(answer.status).to.equal(303);
    return 'asked to sign in';
  }
  if (project === undefined || !may(identity, 'see', project)) {
    expect(answer.status).to.equal(404);
    return 'not found';
  }
  const isOpen = suffix === '' || may(identity, 'manage', project);
  expect(answer.status).to.equal(isOpen ? 200 : 403);
  return isOpen ? 'shown' : 'refused';
}

interface Forms {
  readonly sessions: ReadonlyMap<string, Session>;
  readonly person: fc.Arbitrary<Person>;
  readonly paths: readonly string[];
}

/** Forms, whatever they hold: nothing changes but what their sender may change. */
function formTarget(world: World, { sessions, person, paths }: Forms): FuzzTarget {
  const { page, fields } = formParts(paths);
  const forms = fc.record({
    person: fc.option(person, { freq: 8 }),
    form: page,
    more: fc.array(fields, { maxLength: 2 }),
    csrf: fc.constantFrom('own', 'own', 'own', 'of somebody else', 'none', 'junk'),
  });
  return target('forms', forms, async ({ person: who, form, more, csrf }) => {
    const session = sessions.get(who ?? '');
    const before = await stateOf(world.app.service.store);
    const answer = await world.send({
      method: 'POST',
      target: form.address,
      headers: {
        'content-type': FORM,
        accept: 'text/html',
        origin: world.app.origin,
        ...(session && { cookie: session.cookie }),
      },
      body: urlEncoded([
        ...form.fields,
        ...more,
        ['csrf', csrfText(csrf, session, sessions)],
        ['nonce', randomBytes(24).toString('base64url')],
      ]),
    });

    const changed = differences(before, await stateOf(world.app.service.store));
    const sender = csrf === 'own' && session !== undefined ? who : null;
    for (const thing of changed) {
      expect(
        mayChange(world, before, { sender, thing }),
        `${who ?? 'nobody'} changed ${thing}`,
      ).to.equal(true);
    }
    return changed.length > 0 ? 'changed something' : `changed nothing: ${answer.status}`;
  });
}

function urlEncoded(fields: readonly (readonly [name: string, value: string])[]): string {
  return new URLSearchParams(fields.map(([name, value]) => [name, value])).toString();
}

function csrfText(
  kind: string,
  session: Session | undefined,
  sessions: ReadonlyMap<string, Session>,
): string {
  switch (kind) {
    case 'own':
      return session?.csrf ?? '';
    case 'of somebody else':
      return [...sessions.values()].find((other) => other !== session)?.csrf ?? '';
    case 'junk':
      return 'x'.repeat(session?.csrf.length ?? 1);
    default:
      return '';
  }
}

interface Form {
  readonly address: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Forms as the pages send them, and single fields that do not belong there. */
function formParts(paths: readonly string[]): {
  page: fc.Arbitrary<Form>;
  fields: fc.Arbitrary<[string, string]>;
} {
  const values: Readonly<Record<string, readonly string[]>> = {
    // Neither a password nor an end of sessions: those who are signed in shall stay so.
    do: ['visibility', 'archive', 'unarchive', 'remove', 'set', 'create', 'block', 'create-token'],
    visibility: ['private', 'internal', 'public', 'secret'],
    default_branch: ['main', 'trunk', 'a..b'],
    path: [...paths, 'fuzz/made', 'fuzz/private/below', 'api/v4', '../x'],
    name: ['ci', 'x'.repeat(300)],
    scopes: ['read_registry', 'read_repository', 'api', 'write_registry', 'sudo'],
    expires_at: ['', '2999-12-31', '2000-01-01', 'tomorrow'],
    username: [...PEOPLE.map((who) => `the-${who}`), 'nobody', 'robot'],
    role: ['guest', 'developer', 'maintainer', 'owner', 'emperor'],
    display_name: ['Somebody'],
    admin: ['yes'],
    id: ['1', '2', '99', '-1'],
  };
  const project = fc.constantFrom(...paths);
  function valueOf(name: string): fc.Arbitrary<[string, string]> {
    const likely = fc.constantFrom(...(values[name] ?? []));
    return fc.tuple(
      fc.constant(name),
      fc.oneof({ arbitrary: likely, weight: 12 }, { arbitrary: anyText, weight: 1 }),
    );
  }
  function form(
    address: fc.Arbitrary<string>,
    fixed: readonly (readonly [string, string])[],
    names: readonly string[],
  ): fc.Arbitrary<Form> {
    return fc
      .tuple(address, fc.tuple(...names.map(valueOf)))
      .map(([to, fields]) => ({ address: to, fields: [...fixed, ...fields] }));
  }
  function settings(page: (typeof SETTINGS)[number]): fc.Arbitrary<string> {
    return project.map((path) => `/${path}/-/settings/${page}`);
  }
  const revocation = fc
    .tuple(settings('repository'), fc.integer({ min: 1, max: 40 }))
    .map(([address, id]) => `${address}/deploy_tokens/${id}/revoke`);

  return {
    fields: fc.constantFrom(...Object.keys(values)).chain(valueOf),
    page: fc.oneof(
      form(settings('repository'), [], ['name', 'scopes', 'expires_at']),
      form(revocation, [], []),
      form(settings('members'), [['do', 'set']], ['username', 'role']),
      form(settings('members'), [['do', 'remove']], ['username']),
      form(settings('general'), [['do', 'visibility']], ['visibility']),
      form(settings('general'), [['do', 'default-branch']], ['default_branch']),
      form(settings('general'), [], ['do', 'path']),
      form(fc.constant('/projects/new'), [], ['path', 'visibility']),
      form(fc.constant('/admin/users'), [], ['do', 'username', 'display_name']),
      form(fc.constant('/-/profile'), [['do', 'create-token']], ['name', 'scopes', 'expires_at']),
    ),
  };
}
