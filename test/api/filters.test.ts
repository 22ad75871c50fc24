import { expect } from 'chai';
import { newUser } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { clientOf, idIn, idsIn, newAdministrator, type ApiClient } from './api-client.js';

describe('filters of the API', () => {
  const app = withApp();
  let admin: ApiClient;

  before(async () => {
    admin = await newAdministrator(app);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await admin.post('/projects', { path: `filtered/${name}` });
    }
  });

  for (const base of ['/projects', '/groups/filtered/projects']) {
    // As scripts walk that are older than keyset pages: until a page is empty.
    it(`let a loop over ${base} by id_after come to its end`, async () => {
      const all = idsIn(await admin.get(`${base}?per_page=100`)).toSorted((a, b) => a - b);

      const found: number[] = [];
      for (let last = 0, page = [0]; page.length > 0; last = found.at(-1) ?? 0) {
        page = idsIn(await admin.get(`${base}?order_by=id&sort=asc&per_page=2&id_after=${last}`));
        found.push(...page);
      }

      expect(found).to.deep.equal(all);
    });

    it(`leave out of ${base} what has no lower number than id_before`, async () => {
      const [newest = 0, ...older] = idsIn(await admin.get(`${base}?per_page=100`));

      const found = idsIn(await admin.get(`${base}?per_page=100&id_before=${newest}`));

      expect(found).to.deep.equal(older);
    });
  }

  for (const [path, filter] of [
    ['/projects', 'topic=a'],
    ['/projects', 'starred=True'],
    ['/projects', 'last_activity_after=2026-01-01'],
    ['/groups/filtered/projects', 'with_programming_language=c'],
    ['/groups', 'skip_groups[]=1'],
    ['/groups/filtered/subgroups', 'owned=true'],
    ['/users', 'two_factor=disabled'],
    ['/users', 'created_before=2026-01-01'],
    ['/projects/filtered%2Fa/members', 'skip_users=1'],
    ['/personal_access_tokens', 'expires_before=2026-01-01'],
  ] as const) {
    // Passed over, the list would hold what was not asked for, and a script would act on it.
    it(`are refused where they mean nothing: ${path}?${filter}`, async () => {
      const answer = await admin.get(`${path}?${filter}`);

      const [name] = filter.split(/\W/);
      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({ error: `${name} is not supported` });
    });
  }

  it('narrow nothing where they are blank or false', async () => {
    const { status } = await admin.get('/projects?starred=false&topic=&imported=0&unheard_of=1');

    expect(status).to.equal(200);
  });
});

describe('projects of a user in the API', () => {
  const app = withApp();

  it('are those of their namespace that one may see, by username and by number', async () => {
    const { user } = await newUser(app);
    const own = await clientOf(app, user);
    const other = await clientOf(app, (await newUser(app)).user);
    const hidden = idIn(await own.post('/projects', { path: 'hidden' }));
    const shown = idIn(await own.post('/projects', { path: 'shown', visibility: 'internal' }));

    const lists = [
      await own.get(`/users/${user.id}/projects`),
      await own.get(`/users/${user.username.toUpperCase()}/projects?order_by=id&sort=asc`),
      await other.get(`/users/${user.username}/projects`),
    ];
    const byNumber = await other.get(`/users/${user.id}/projects`);
    const ofNobody = await other.get('/users/nobody-there/projects');

    expect(lists.map(idsIn)).to.deep.equal([[shown, hidden], [hidden, shown], [shown]]);
    expect(byNumber.body).to.deep.equal({ message: '404 User Not Found' });
    expect(ofNobody.body).to.deep.equal(byNumber.body);
  });
});
