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
import { askByGet } from '../support/token-client.js';
import { webClient } from '../support/web-client.js';

const PROJECT = 'tanuki/awesome_project';
const SETTINGS = `/${PROJECT}/-/settings/repository`;

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
