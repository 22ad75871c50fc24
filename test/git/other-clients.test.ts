import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { linesOf, newDeployToken, newMember } from '../doors/app-data.js';
import { GIT_CLIENTS } from '../support/other-git-clients.js';
import type { Login } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { codeToken, projectWithCode, type StoredProject } from './git-data.js';

/** Of what each shows; the table in docs/git.md says the same. */
const READ: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  git: {
    'a push with a deploy token': 'remote: A deploy token only reads: it cannot push.',
    'a missing scope': 'remote: This deploy token has no read_repository scope.',
    'an expired token': 'remote: This deploy token expired on 2026-01-01.',
    'a revoked token': 'remote: This deploy token was revoked on 2026-03-04.',
    'another username': 'remote: The username is not that of this deploy token.',
    'a wrong token': 'remote: Access denied: the username or the token is wrong',
    'another project': 'remote: The project you were looking for could not be found',
  },
  libgit2: {
    'a push with a deploy token': 'remote error: A deploy token only reads: it cannot push.',
    'a missing scope': 'remote error: This deploy token has no read_repository scope.',
    'an expired token': 'authentication replays',
    'a revoked token': 'authentication replays',
    'another username': 'authentication replays',
    'a wrong token': 'authentication replays',
    'another project': 'unexpected http status code: 404',
  },
  dulwich: {
    'a push with a deploy token': 'A deploy token only reads: it cannot push.',
    'a missing scope': 'This deploy token has no read_repository scope.',
    'an expired token': 'No valid credentials provided',
    'a revoked token': 'No valid credentials provided',
    'another username': 'No valid credentials provided',
    'a wrong token': 'No valid credentials provided',
    'another project': 'NotGitRepository',
  },
  'isomorphic-git': {
    'a push with a deploy token': '403 Forbidden (Pullgate: a deploy token only reads)',
    'a missing scope': '403 Forbidden (Pullgate: this deploy token has no read_repository scope)',
    'an expired token': '401 Unauthorized (Pullgate: this deploy token expired on 2026-01-01)',
    'a revoked token': '401 Unauthorized (Pullgate: this deploy token was revoked on 2026-03-04)',
    'another username':
      '401 Unauthorized (Pullgate: the username is not that of this deploy token)',
    'a wrong token': '401 Unauthorized',
    'another project': '404 Not Found',
  },
};

/** The real programs. */
describe('what people read of a refusal', () => {
  const app = withApp();
  let stored: StoredProject;
  let token: Login;

  before(async () => {
    stored = await projectWithCode(app);
    token = await codeToken(app, stored.project);
  });

  const logins: Readonly<Record<string, () => Promise<Login>>> = {
    'a push with a deploy token': async () => await Promise.resolve(token),
    'a missing scope': async () => await codeToken(app, stored.project, ['read_registry']),
    async 'an expired token'() {
      const expiresAt = new Date('2026-01-01T00:00:00Z');
      return (await newDeployToken(app, stored.project, { scopes: ['read_repository'], expiresAt }))
        .login;
    },
    async 'a revoked token'() {
      const made = await newDeployToken(app, stored.project, { scopes: ['read_repository'] });
      const deps = { store: app.service.store, now: () => new Date('2026-03-04T12:00:00Z') };
      await revokeDeployToken(deps, OPERATOR, made.token.id);
      return made.login;
    },
    'another username': async () => await Promise.resolve({ ...token, username: 'somebody' }),
    'a wrong token': async () => await Promise.resolve({ ...token, secret: 'gldt-wrong' }),
  };

  function urlOf({ project }: StoredProject): string {
    return `${app.origin}/${project.path}.git`;
  }

  for (const [name, attempt] of Object.entries(GIT_CLIENTS)) {
    describe(`by ${name}`, () => {
      for (const [reason, makeLogin] of Object.entries(logins)) {
        it(`for ${reason}`, async () => {
          const action = reason === 'a push with a deploy token' ? 'push' : 'clone';

          const shown = await attempt({ url: urlOf(stored), login: await makeLogin(), action });

          expect(shown).to.contain(READ[name]?.[reason]);
          expect(shown).not.to.contain(token.secret);
        });
      }

      it('for another project', async () => {
        const other = await projectWithCode(app);

        const shown = await attempt({ url: urlOf(other), login: token, action: 'clone' });

        expect(shown).to.contain(READ[name]?.['another project']);
      });

      it('is nothing where there is none', async () => {
        const { login } = await newMember(app, stored.project, 'developer');

        expect(await attempt({ url: urlOf(stored), login, action: 'push' })).to.equal('done');
      });
    });
  }

  it('is in the log, whichever way it was told', async () => {
    await GIT_CLIENTS['libgit2']?.({ url: urlOf(stored), login: token, action: 'push' });

    const line = linesOf(app).findLast(({ error }) => error !== undefined);
    expect(line).to.include({ error: 'A deploy token only reads: it cannot push.' });
  });
});
