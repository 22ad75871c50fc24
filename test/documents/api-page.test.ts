import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { withLie } from '../support/markdown.js';
import { apiPageDifferences } from './api-page.js';

describe('docs/api.md', () => {
  let page: string;

  before(async () => {
    // Columns as wide as their widest cell would stand between the words of a lie.
    page = (await readFile('docs/api.md', 'utf8')).replaceAll(/ {2,}\|/g, ' |');
  });

  it('lists the endpoints with their filters and who may use them', () => {
    expect(apiPageDifferences(page)).to.deep.equal([]);
  });

  for (const [what, truth, lie] of [
    [
      'a method that there is not',
      '`GET`, `POST /projects/:id/deploy',
      '`PUT`, `POST /projects/:id/deploy',
    ],
    ['an address that there is not', '`GET /user`', '`GET /me`'],
    ['an endpoint too few', '| `GET /openapi.json` | – | everybody |\n', ''],
    ['an endpoint twice', '`GET /version`, ', '`GET /version`, `GET /version`, '],
    [
      'a filter that there is not',
      '`GET /deploy_tokens` | `active`',
      '`GET /deploy_tokens` | `alive`',
    ],
    ['a filter too few', '`user_id`, ', ''],
    ['a filter where there is none', '`GET /projects/:id` | –', '`GET /projects/:id` | `search`'],
    [
      'more people',
      '`GET /deploy_tokens` | `active` | administrators',
      '`GET /deploy_tokens` | `active` | maintainers',
    ],
    ['fewer people', '`POST /projects` | – | maintainers', '`POST /projects` | – | administrators'],
    [
      'people for a description',
      '`GET /openapi.json` | – | everybody',
      '`GET /openapi.json` | – | administrators',
    ],
  ] as const) {
    it(`is caught telling of ${what}`, () => {
      expect(apiPageDifferences(withLie(page, truth, lie))).not.to.deep.equal([]);
    });
  }
});
