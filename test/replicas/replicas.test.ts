import { expect } from 'chai';
import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { startDatabase, type DatabaseServer } from '../support/database-server.js';
import {
  createByForm,
  namesOfTokens,
  signedInAt,
  gitStatus,
  putUnderLoad,
  startReplicas,
  tokenStatus,
  type Replica,
  type Replicas,
} from '../support/replicas.js';
import { eventually } from '../support/run.js';
import { deployTokensOf } from '../support/rows.js';
import { askByGet } from '../support/token-client.js';
import { webClient } from '../support/web-client.js';

const PROJECT = 'tanuki/awesome_project';
const SETTINGS = `/${PROJECT}/-/settings/repository`;

type Making = (name: string, parent: number) => readonly [`POST ${string}`, object];

/** What is asked for at the two replicas at once: of each, only one may be made. */
const OVERLAPPING: readonly (readonly [what: string, one: Making, other: Making])[] = [
  [
    'a project and a namespace of one path',
    (name) => ['POST /projects', { path: `overlaps/${name}` }],
    (name, parent) => ['POST /groups', { name, path: name, parent_id: parent }],
  ],
  [
    'a project and another below it',
    (name) => ['POST /projects', { path: `overlaps/${name}` }],
    (name) => ['POST /projects', { path: `overlaps/${name}/app` }],
  ],
  [
    'a user and a namespace of one name',
    (name) => ['POST /users', accountOf(name)],
    (name) => ['POST /groups', { name, path: name }],
  ],
];

function accountOf(username: string): object {
  const email = `${username}@example.com`;
  return { username, name: username, email, password: 'correct horse battery' };
}

describe('two replicas over one database', () => {
  let server: DatabaseServer;
  let replicas: Replicas;
  let a: Replica;
  let b: Replica;

  before(async () => {
    server = await startDatabase();
    replicas = await startReplicas(await server.createDatabase());
    [a, b] = replicas.all;
    await replicas.addProject(PROJECT);
  });

  after(async () => {
    await replicas?.stop();
    await server?.stop();
  });

  it('refuse on the one what was revoked on the other, at the next request, 200 times in a row under load', async () => {
    const client = await signedInAt(a);
    const load = putUnderLoad([a, b], await replicas.addToken(PROJECT));
    const outcomes = new Map<string, number>();

    for (let turn = 0; turn < 200; turn += 1) {
      const token = await replicas.addToken(PROJECT);
      const before_ = await tokenStatus(b, token);
      const page = `${SETTINGS}/deploy_tokens/${token.id}/revoke`;
      await client.get(page);
      const revoked = await client.submit(page, {});
      const after_ = turn % 10 === 0 ? await gitStatus(b, token) : await tokenStatus(b, token);
      const outcome = `${before_} revoked ${revoked.status} then ${after_}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }

    await load.stop();
    expect(Object.fromEntries(outcomes)).to.deep.equal({ '200 revoked 303 then 401': 200 });
    expect(Object.keys(load.statuses())).to.deep.equal(['200']);
  });

  it('let somebody who signed in at the one go on at the other, and end the session on both', async () => {
    const atA = await signedInAt(a);
    const atB = webClient(b.origin);
    for (const [name, value] of atA.cookies) {
      atB.cookies.set(name, value);
    }
    const signedIn = await atB.get(SETTINGS);

    await atA.get('/');
    const signedOut = await atA.submit('/users/sign_out', {});
    const late = await atB.get(SETTINGS);

    expect(signedIn.status).to.equal(200);
    expect(signedOut.status).to.equal(303);
    expect(late.status).to.equal(303);
    expect(late.headers.get('location')).to.match(/^\/users\/sign_in/);
  });

  it('refuse the old password on both once it was changed on one', async () => {
    const login = { username: 'ada', secret: 'an old password' };
    const added = await replicas.cli('user', 'create', 'ada', '--json');
    const { password } = z.object({ password: z.string() }).parse(JSON.parse(added.stdout));
    const client = webClient(a.origin);
    await client.signIn('ada', password);
    await client.get('/-/profile');

    const changed = await client.submit('/-/profile', {
      do: 'password',
      current_password: password,
      password: login.secret,
      password_again: login.secret,
    });

    const statuses = [];
    for (const { origin } of [b, a]) {
      for (const secret of [password, login.secret]) {
        statuses.push((await askByGet(origin, { login: { ...login, secret } })).status);
      }
    }
    expect(changed.status).to.equal(303);
    expect(statuses).to.deep.equal([401, 200, 401, 200]);
  });

  it('sign with a rotated key, both of them, without refusing a request meanwhile', async () => {
    const token = await replicas.addToken(PROJECT);
    const load = putUnderLoad([a, b], token);
    const before_ = await keyIds([a, b], token);

    await replicas.cli('keys', 'rotate');
    await eventually(
      'both replicas signing with the new key',
      async () => await keyIds([a, b], token),
      ([atA, atB]) => atA === atB && atA !== before_[0],
    );

    await load.stop();
    expect(Object.keys(load.statuses())).to.deep.equal(['200']);
  });

  // The attack needs no attacker: one maintainer removes a project at the one replica while another
  // makes a deploy token at the other. The token would live on in a project that is gone.
  // The project is read again in the transaction that adds the token.
  it('leave no live deploy token in a project that is removed meanwhile', async () => {
    const { secret } = await replicas.addAccount('remover', { isAdmin: true });
    const statuses = new Map<string, number>();
    const alive = [];

    for (let turn = 0; turn < 60; turn += 1) {
      const path = `race/project_${turn}`;
      await replicas.addProject(path);
      const id = (await replicas.store.projects.findByPath(path))?.id ?? 0;
      const answers = await Promise.all([
        callApi(a, secret, `DELETE /projects/${id}`),
        callApi(b, secret, `POST /projects/${id}/deploy_tokens`, NEW_TOKEN),
      ]);
      const outcome = answers.join(' ');
      statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
      const tokens = await deployTokensOf(replicas.store, id);
      alive.push(...tokens.filter(({ revokedAt }) => revokedAt === null));
    }

    expect([...statuses.keys()].toSorted()).to.satisfy((seen: readonly string[]) =>
      seen.every((outcome) => ['202 201', '202 404'].includes(outcome)),
    );
    expect(alive).to.deep.equal([]);
  });

  // A path would be that of a project and of a namespace, a project would lie in another, or a
  // username be the namespace of others: no unique index keeps them apart. What is in the way is looked
  // for in the transaction that adds the second one.
  for (const [index, [what, one, other]] of OVERLAPPING.entries()) {
    it(`never make ${what} when both are asked for at once`, async () => {
      const { secret } = await replicas.addAccount(`overlapper-${index}`, { isAdmin: true });
      await replicas.addProject(`overlaps/unrelated-${index}`);
      const parent = (await replicas.store.namespaces.findByPath('overlaps'))?.id ?? 0;
      const made: number[] = [];

      for (let turn = 0; turn < 25; turn += 1) {
        const name = `overlap-${index}-${turn}`;
        const statuses = await Promise.all([
          callApi(a, secret, ...one(name, parent)),
          callApi(b, secret, ...other(name, parent)),
        ]);
        made.push(statuses.filter((status) => status === 201).length);
      }

      expect(made).to.deep.equal(made.map(() => 1));
    });
  }

  // The attack: one account makes 400 deploy tokens at once. Everybody's writes stand in line behind
  // them until they are given up with a 503, the administrator's revocation among them.
  // Who writes is taken in turns, what takes away goes first, and an account has few writes under way.
  it('let an administrator revoke at once while an account floods them with writes', async () => {
    const flooder = await replicas.addAccount('flooder', { isAdmin: false });
    await replicas.addMember(PROJECT, 'flooder', 'maintainer');
    const { secret } = await replicas.addAccount('rescuer', { isAdmin: true });
    const id = (await replicas.store.projects.findByPath(PROJECT))?.id ?? 0;
    const outcomes = [];

    for (let turn = 0; turn < 5; turn += 1) {
      const victim = await replicas.addToken(PROJECT);
      const flood = Array.from(
        { length: 400 },
        async () =>
          await callApi(a, flooder.secret, `POST /projects/${id}/deploy_tokens`, NEW_TOKEN),
      );
      const revoked = await callApi(a, secret, `DELETE /projects/${id}/deploy_tokens/${victim.id}`);
      outcomes.push(revoked, await tokenStatus(b, victim));
      const made = await Promise.all(flood);
      // 503: four hundred requests at once are more than may wait for the pool of connections.
      expect(made).to.include(201).and.to.include(429);
      expect(made.filter((status) => ![201, 429, 503].includes(status))).to.deep.equal([]);
    }

    expect(outcomes).to.deep.equal([204, 401, 204, 401, 204, 401, 204, 401, 204, 401]);
  });

  it('make each deploy token once and keep all they have shown, when one of them is killed', async () => {
    // Half of them come through the replica that dies in the middle. A client that gets no answer does
    // not ask again, so what was under way there is made whole or not at all.
    const dying = await replicas.start();
    const projects = Array.from({ length: 20 }, (_, number) => `storm/project_${number}`);
    for (const project of projects) {
      await replicas.addProject(project);
    }
    const shown = new Map<string, { readonly username: string; readonly secret: string }>();
    let unanswered = 0;

    async function createAll(replica: Replica, ownProjects: readonly string[]): Promise<void> {
      const client = await signedInAt(replica);
      for (const project of ownProjects) {
        for (let number = 0; number < 50; number += 1) {
          const name = `${project} ${number}`;
          const made = await createByForm(client, project, name).catch(() => null);
          if (made === null) {
            unanswered += 1;
          } else {
            shown.set(name, made);
          }
          if (replica === dying && name === 'storm/project_4 25') {
            dying.process.signal('SIGKILL');
          }
        }
      }
    }
    await Promise.all([
      createAll(dying, projects.slice(0, 5)),
      createAll(dying, projects.slice(5, 10)),
      createAll(b, projects.slice(10, 15)),
      createAll(b, projects.slice(15)),
    ]);

    const made = await namesOfTokens(replicas, projects);
    const dead = [];
    for (const [name, login] of shown) {
      const { status } = await askByGet(b.origin, { login });
      if (status !== 200) {
        dead.push(`${name}: ${status}`);
      }
    }
    expect(unanswered).to.be.greaterThan(0);
    expect(shown.size).to.be.greaterThan(500);
    expect(dead).to.deep.equal([]);
    expect(new Set(made).size).to.equal(made.length);
    expect(made).to.include.members([...shown.keys()]);
    // One a client that waited for its answer, at most.
    expect(made.length - shown.size).to.be.at.most(2);
  });
});

const NEW_TOKEN = { name: 'new', scopes: ['read_registry'] };

/** The status of the answer. */
async function callApi(
  { origin }: Replica,
  secret: string,
  target: `POST ${string}` | `DELETE ${string}`,
  body?: object,
): Promise<number> {
  const [method, path] = target.split(' ');
  const answer = await fetch(`${origin}/api/v4${path}`, {
    ...(method !== undefined && { method }),
    headers: { 'private-token': secret, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  await answer.body?.cancel();
  return answer.status;
}

async function keyIds(
  replicas: readonly Replica[],
  token: Parameters<typeof tokenStatus>[1],
): Promise<string[]> {
  return await Promise.all(
    replicas.map(async ({ origin }) => {
      const { body } = await askByGet(origin, { login: token });
      const { token: jwt } = z.object({ token: z.string() }).parse(body);
      return decodeProtectedHeader(jwt).kid ?? '';
    }),
  );
}
