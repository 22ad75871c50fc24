import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { addImagePrefix } from '../../src/services/image-prefixes.js';
import { removeProject } from '../../src/services/project-removal.js';
import { giveNamespace, newProject, newUser } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { clientOf, type ApiClient } from './api-client.js';

/** What only others may know of. */
const HIDDEN = /vault|merger-core|carve-out/i;

describe('what is hidden', () => {
  const app = withApp();
  /** Maintains acme, and sees nothing else. */
  let mona: ApiClient;

  before(async () => {
    const { user } = await newUser(app);
    const acme = await giveNamespace(app, 'acme', user, 'maintainer');
    const deps = { store: app.service.store, now: () => new Date() };
    const vault = await newProject(app, { path: 'ops/vault' });
    await addImagePrefix(deps, OPERATOR, vault, `${acme.path}/secret/merger-core`);
    await removeProject(deps, OPERATOR, await newProject(app, { path: 'acme/secret/carve-out' }));
    mona = await clientOf(app, user);
  });

  for (const [what, path, input] of [
    ['a project above the images of another', '/projects', { path: 'acme/secret' }],
    ['a project with the path of such images', '/projects', { path: 'acme/secret/merger-core' }],
    ['a project below them', '/projects', { path: 'acme/secret/merger-core/api' }],
    ['a namespace over a project of before', '/groups', { path: 'acme/secret/carve-out' }],
    ['a namespace over such images', '/groups', { path: 'acme/secret/merger-core' }],
    [
      'a deploy token with the username of a namespace',
      '/groups/acme/deploy_tokens',
      { name: 'x', username: 'ops', scopes: ['read_registry'] },
    ],
  ] as const) {
    it(`is not named where it is in the way of ${what}`, async () => {
      const answer = await mona.post(path, input);

      expect(answer.status).to.be.oneOf([400, 409]);
      const typed = 'path' in input ? input.path : input.username;
      expect(answer.text.replaceAll(typed, '…')).to.not.match(HIDDEN);
    });
  }

  for (const [what, path, hidden, missing] of [
    ['a project below it', '/projects', { path: 'ops/vault/x' }, { path: 'ops/north/x' }],
    ['a project beside it', '/projects', { path: 'ops/x' }, { path: 'abc/x' }],
    [
      'a deploy token narrowed to it',
      '/groups/acme/deploy_tokens',
      { name: 'x', scopes: ['read_registry'], only: ['ops/vault'] },
      { name: 'x', scopes: ['read_registry'], only: ['ops/north'] },
    ],
  ] as const) {
    it(`is refused as what is missing, for ${what}`, async () => {
      const [ofHidden, ofMissing] = [await mona.post(path, hidden), await mona.post(path, missing)];

      expect(ofHidden.status).to.equal(ofMissing.status).and.be.within(400, 403);
      expect(ofHidden.text.replaceAll('vault', 'north')).to.equal(ofMissing.text);
    });
  }
});
