import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import { pageHeaders, pageRequest, pageWanted } from '../../src/api/pagination.js';
import { newDeployToken, newMember, newProject } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import type { Answer } from '../support/token-client.js';
import { API, apiClient, clientOf, encoded, idsIn, type ApiClient } from './api-client.js';

const TOKENS = 7;

/** The headers that GitLab sends with a list, in its order of telling them. */
function pageOf({ headers }: Answer): readonly unknown[] {
  return ['page', 'per-page', 'prev-page', 'next-page', 'total', 'total-pages'].map(
    (name) => headers[`x-${name}`],
  );
}

describe('pagination of the API', () => {
  const app = withApp({ env: { PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com' } });
  let project: Project;
  let maintainer: ApiClient;
  let ids: number[];

  before(async () => {
    project = await newProject(app);
    maintainer = await clientOf(app, (await newMember(app, project, 'maintainer')).user);
    ids = [];
    for (let number = 0; number < TOKENS; number += 1) {
      ids.push((await newDeployToken(app, project)).token.id);
    }
  });

  async function page(query: string): Promise<Answer> {
    return await maintainer.get(`/projects/${encoded(project.path)}/deploy_tokens${query}`);
  }

  it('gives 20 to a page, and tells that there is no other', async () => {
    const answer = await page('');

    expect(idsIn(answer)).to.deep.equal(ids);
    expect(pageOf(answer)).to.deep.equal(['1', '20', '', '', String(TOKENS), '1']);
  });

  it('gives the pages one after the other, each with its neighbours', async () => {
    const pages = [
      await page('?per_page=3'),
      await page('?per_page=3&page=2'),
      await page('?per_page=3&page=3'),
    ];

    expect(pages.flatMap(idsIn)).to.deep.equal(ids);
    expect(pages.map(pageOf)).to.deep.equal([
      ['1', '3', '', '2', '7', '3'],
      ['2', '3', '1', '3', '7', '3'],
      ['3', '3', '2', '', '7', '3'],
    ]);
  });

  it('links to the other pages at the public address, with the filters', async () => {
    const { headers } = await page('?per_page=3&page=2&active=true');

    const base = `https://pullgate.example.com${API}/projects/${encoded(project.path)}/deploy_tokens`;
    expect(headers['link']).to.equal(
      [
        `<${base}?page=1&per_page=3&active=true>; rel="prev"`,
        `<${base}?page=3&per_page=3&active=true>; rel="next"`,
        `<${base}?page=1&per_page=3&active=true>; rel="first"`,
        `<${base}?page=3&per_page=3&active=true>; rel="last"`,
      ].join(', '),
    );
  });

  // A client that puts its token into the address, as GitLab allows, would have it repeated in links,
  // which other programs log and follow. Only filters that the list knows are repeated.
  it('repeats no token that stands in the address', async () => {
    const query = '?private_token=glpat-abc&access_token=glpat-def&job_token=x&per_page=1';

    const answer = await page(query);

    expect(answer.status).to.equal(200);
    expect(answer.headers['link'])
      .to.contain('rel="next"')
      .and.not.to.match(/token=|glpat/);
  });

  it('gives an empty page past the end', async () => {
    const answer = await page('?page=501&per_page=100');

    expect(idsIn(answer)).to.deep.equal([]);
    expect(pageOf(answer).slice(0, 4)).to.deep.equal(['501', '100', '500', '']);
  });

  it('gives no page that so many rows lie before, and says what does', async () => {
    const answer = await page('?page=502&per_page=100');

    expect(answer.status).to.equal(405);
    expect(answer.body).to.deep.equal({
      error:
        'Offset pagination has a maximum allowed offset of 50000 for requests that return objects of ' +
        'type DeployToken. Remaining records can be retrieved using keyset pagination.',
    });
  });

  it('gives each page by keyset with a link to the next one, filters kept, and counts nothing', async () => {
    const pages: Answer[] = [];
    let query = '?pagination=keyset&per_page=3&active=true';
    while (query !== '') {
      const answer = await page(query);
      pages.push(answer);
      query =
        /<[^>?]*(?<query>\?[^>]*)>; rel="next"/.exec(String(answer.headers['link']))?.groups?.[
          'query'
        ] ?? '';
      expect(answer.headers).to.not.have.any.keys('x-total', 'x-page');
    }

    expect(pages.map((each) => idsIn(each).length)).to.deep.equal([3, 3, 1]);
    expect(pages.flatMap(idsIn)).to.deep.equal(ids);
    expect(pages[0]?.headers['link']).to.match(
      /pagination=keyset&per_page=3&cursor=[\w-]+&active=true/,
    );
  });

  it('refuses a cursor that no list wrote', async () => {
    const answer = await page('?pagination=keyset&cursor=abc');

    expect(answer.status).to.equal(400);
  });

  it('leaves the length and the last page of a list out that is too long to be counted', () => {
    const address = { url: 'https://host/list', filters: new Map() };
    const wanted = pageWanted({ page: 2 });

    const longer = pageHeaders(wanted, { next: 'cursor', total: 10_001 }, address);
    const longest = pageHeaders(wanted, { next: null, total: 10_000 }, address);

    expect(longer).to.not.have.any.keys('x-total', 'x-total-pages');
    expect(longer).to.include({ 'x-next-page': '3' });
    expect(longer['link']).to.not.contain('rel="last"');
    expect(longest).to.include({ 'x-total': '10000', 'x-total-pages': '500' });
  });

  it('asks for the count of a page by number alone', () => {
    const [offset, keyset] = [pageWanted({}), pageWanted({ pagination: 'keyset' })];

    expect(pageRequest(offset, 'User').total).to.equal(true);
    expect(pageRequest(keyset, 'User')).to.deep.equal({
      limit: 20,
      start: { after: null },
      total: false,
    });
  });

  for (const [query, expected] of [
    ['?page=0', ['1', '20']],
    ['?page=-5', ['1', '20']],
    ['?per_page=1000', ['1', '100']],
    ['?page=&per_page=', ['1', '20']],
  ] as const) {
    it(`takes ${query} as page ${expected[0]} of ${expected[1]}`, async () => {
      expect(pageOf(await page(query)).slice(0, 2)).to.deep.equal(expected);
    });
  }

  for (const [query, error] of [
    ['?page=x', 'page is invalid'],
    ['?page=1.5', 'page is invalid'],
    ['?page[]=1', 'page is invalid'],
    ['?page=1&page=2', 'page is invalid'],
    ['?page=99999999999999999999999', 'page is invalid'],
    ['?page=2147483648', 'page does not have a valid value'],
    ['?per_page=0', 'per_page does not have a valid value'],
    ['?per_page=-1', 'per_page does not have a valid value'],
    ['?per_page=1e3', 'per_page is invalid'],
  ] as const) {
    it(`refuses ${query}: ${error}`, async () => {
      const answer = await page(query);

      expect(answer.status).to.equal(400);
      expect(answer.body).to.deep.equal({ error });
    });
  }

  it('answers HEAD with the headers alone', async () => {
    const get = await apiClient(app, null).get('/projects');
    const head = await fetch(`${app.origin}${API}/projects`, { method: 'HEAD' });

    expect([head.status, head.headers.get('x-total'), await head.text()]).to.deep.equal([
      200,
      get.headers['x-total'],
      '',
    ]);
  });

  it('tells of a list of nothing that it has one page', () => {
    const address = { url: 'https://host/list', filters: new Map() };

    const headers = pageHeaders(pageWanted({}), { next: null, total: 0 }, address);

    expect(headers).to.include({ 'x-total': '0', 'x-total-pages': '1', 'x-next-page': '' });
    expect(headers['link']).to.equal(
      '<https://host/list?page=1&per_page=20>; rel="first", <https://host/list?page=1&per_page=20>; rel="last"',
    );
  });
});
