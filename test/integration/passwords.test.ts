/** Programs that present passwords, as many at once as were seen to lock their users out. */

import { join } from 'node:path';
import { expect } from 'chai';
import { startDatabase, type DatabaseServer } from '../support/database-server.js';
import { cloneUrl, newGitClient, type GitClient } from '../support/git-client.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import { askByGet, askByPost, basic, send, type Login } from '../support/token-client.js';
import { webClient } from '../support/web-client.js';

const PROJECT = 'tanuki/awesome_project';
const LIMIT = 10;

describe('passwords', () => {
  let server: DatabaseServer;

  before(async () => {
    server = await startDatabase();
  });

  after(async () => {
    await server?.stop();
  });

  for (const [database, workers] of [
    ['SQLite', 1],
    ['SQLite', 2],
    ['MySQL', 1],
    ['MySQL', 2],
  ] as const) {
    describe(`on ${database}, with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
      let installation: Installation;
      let git: GitClient;

      before(async () => {
        const env: NodeJS.ProcessEnv = { PULLGATE_HTTP_WORKERS: String(workers) };
        if (database === 'MySQL') {
          env['PULLGATE_DATABASE_URL'] = await server.createDatabase();
          // Sixty programs that start at once leave a small machine little time for anything else.
          env['PULLGATE_DATABASE_TIMEOUT_MS'] = '10000';
        }
        installation = await startInstallation({ env, migrate: true });
        await installation.addProject(PROJECT);
        git = await newGitClient();
      });

      after(async () => {
        await git?.remove();
        await installation?.stop();
      });

      async function newMember(name: string): Promise<Login> {
        const login = await installation.addUser(name);
        await installation.addMember(PROJECT, login, 'developer');
        return login;
      }

      async function inspect(login: Login, number: number): Promise<string> {
        const home = join(installation.folder, `home-${number}`);
        const address = `docker://${installation.host}/${PROJECT}:1`;
        const flags = ['--tls-verify=false', '--creds', credsOf(login)];
        return (await skopeo(home, ['inspect', ...flags, address])).output;
      }

      async function listRefs(login: Login): Promise<number | null> {
        const url = cloneUrl(installation.origin, PROJECT, login);
        return (await git.run(['ls-remote', url])).code;
      }

      async function fetchRefs(login: Login): Promise<number> {
        const answer = await send(installation.origin, {
          method: 'GET',
          target: `/${PROJECT}.git/info/refs?service=git-upload-pack`,
          headers: { authorization: basic(login) },
        });
        return answer.status;
      }

      async function askForToken(login: Login): Promise<number> {
        return (await askByGet(installation.origin, { login })).status;
      }

      /** Why an answer was 503, where one was. */
      function outages(): string {
        const lines = installation.serviceLog().split('\n');
        return lines.filter((line) => line.includes('"status":503')).join('\n');
      }

      // Attempts in flight counted as wrong ones, and those that were refused were never given back. Of 60
      // `skopeo inspect` at once 41 were refused, of 40 `git ls-remote` 33, and the next one, alone, for a
      // quarter of an hour. The image is not there, and so skopeo got as far as the registry.
      it('lets 60 skopeo and 40 git in at once with a right password, and the next one', async () => {
        const login = await newMember('ada');

        const inspected = await Promise.all(
          Array.from({ length: 60 }, async (_, number) => await inspect(login, number)),
        );
        const listed = await Promise.all(
          Array.from({ length: 40 }, async () => await listRefs(login)),
        );

        const failed = inspected.filter((output) => !output.includes('manifest unknown'));
        expect(failed, outages()).to.deep.equal([]);
        expect(listed).to.deep.equal(Array(40).fill(0));
        expect(await listRefs(login)).to.equal(0);
      }).timeout(240_000);

      // docker-compose 1.29 asks once for each of 20 services, libgit2 14 times for one clone, Testcontainers
      // 11 times, containerd by POST and GET. They hold the password of yesterday. The owner signs in with
      // today's at every door meanwhile.
      it('lets a new password in while programs repeat the old one', async () => {
        const old = await newMember('grace');
        const renewed = { username: 'grace', secret: 'a password of today' };
        const set = ['user', 'password', 'grace', '--password-stdin'];
        const changed = await installation.cli(set, { input: renewed.secret });
        expect(changed.code, changed.output).to.equal(0);

        const compose = Promise.all(Array.from({ length: 20 }, async () => await askForToken(old)));
        const libgit2 = [1, 2].map(
          async () => await oneByOne(14, async () => await fetchRefs(old)),
        );
        const containerd = oneByOne(11, async () => {
          await askByPost(installation.origin, { login: old });
          return await askForToken(old);
        });
        const refused = [await compose, ...(await Promise.all(libgit2)), await containerd].flat();

        expect(refused).to.deep.equal(Array(59).fill(401));
        expect(await askForToken(renewed)).to.equal(200);
        expect(await fetchRefs(renewed)).to.equal(200);
        const page = await webClient(installation.origin).signIn('grace', renewed.secret);
        expect(page.status).to.equal(303);
      }).timeout(60_000);

      // A guesser who opens many connections is served by every worker. If each counted for itself, two
      // workers would let twice as many guesses through, and each guess that is repeated would count in
      // both. One count is kept for all.
      it('counts wrong ones once for all workers', async () => {
        const login = await newMember('mallory');
        const guesses = Array.from({ length: 30 }, (_, number) => `guess ${number}`);

        const statuses = await Promise.all(
          [...guesses, ...guesses].map(async (secret) => await askForToken({ ...login, secret })),
        );
        const known = await oneByOne(40, async () => await askForToken({ ...login, secret: 'x' }));

        const looked = guesses.filter((_, number) =>
          [statuses[number], statuses[number + guesses.length]].includes(401),
        );
        expect(looked).to.have.lengthOf(LIMIT);
        expect(statuses.every((status) => status === 401 || status === 429)).to.equal(true);
        expect(known).to.deep.equal(Array(40).fill(429));
      }).timeout(60_000);

      if (workers > 1) {
        // The primary only looks after its workers, and hangs: a debugger, a full disk under its log. The
        // workers serve, and passwords among what they serve, counted by each for itself meanwhile.
        it('go on without a primary that answers, and are limited all the same', async () => {
          const login = await newMember('hopper');
          installation.service().signal('SIGSTOP');
          try {
            const right = await askForToken(login);
            const wrong = await Promise.all(
              Array.from(
                { length: 3 * LIMIT },
                async (_, i) => await askForToken({ username: 'nobody', secret: `guess ${i}` }),
              ),
            );

            expect(right).to.equal(200);
            expect(wrong.filter((status) => status === 429)).to.have.lengthOf.at.least(LIMIT);
          } finally {
            installation.service().signal('SIGCONT');
          }
          expect(await askForToken(login)).to.equal(200);
        }).timeout(60_000);
      }
    });
  }
});

async function oneByOne<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const results = [];
  for (let time = 0; time < times; time += 1) {
    results.push(await work());
  }
  return results;
}
