import { expect } from 'chai';
import {
  createRegistryClient,
  type RegistryClient,
} from '../../src/registry-client/registry-client.js';
import { nextQuery } from '../../src/registry-client/catalogue.js';
import { registryWalker } from '../../src/services/registry-walk.js';
import { registryWalk } from '../../src/services/registry-inventory.js';
import { OPERATOR } from '../../src/access/actor.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { sqliteSettings } from '../support/database.js';
import {
  answerJson,
  catalogue,
  startStandIn,
  type Answer,
  type StandInRegistry,
} from '../support/stand-in-registry.js';

const NEVER = new AbortController().signal;
const BEARER = 'bearer-of-this-test';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const INNER = `sha256:${'b'.repeat(64)}`;
const MANY = 100_000;
const MANY_MS = 120_000;

describe('the client of the registry', () => {
  let registry: StandInRegistry | undefined;

  afterEach(async () => {
    await registry?.stop();
    registry = undefined;
  });

  async function clientOf(answer: Answer): Promise<RegistryClient> {
    registry = await startStandIn(answer);
    return createRegistryClient({
      url: registry.url,
      bearer: (access) => `${BEARER} ${JSON.stringify(access)}`,
    });
  }

  async function refusalOf(answer: Answer): Promise<string> {
    const client = await clientOf(answer);
    return await client.page(null, NEVER).then(() => 'answered', String);
  }

  it('follows the registry from page to page, with a JWT for the catalogue and nothing else', async () => {
    const client = await clientOf(catalogue(['a/b', 'c/d', 'e/f'], { maxEntries: 100 }));

    const page = await client.page(null, NEVER);
    const second = await client.page('last=a%2Fb&n=1', NEVER);

    expect(page).to.deep.equal({ names: ['a/b', 'c/d', 'e/f'], next: null });
    expect(second).to.deep.equal({ names: ['c/d'], next: 'last=c%2Fd&n=1' });
    expect(registry?.asked).to.deep.equal([
      '/v2/_catalog?n=1000',
      '/v2/_catalog?n=100',
      '/v2/_catalog?last=a%2Fb&n=1',
    ]);
    const access = '[{"type":"registry","name":"catalog","actions":["*"]}]';
    expect(registry?.authorizations[0]).to.equal(`Bearer ${BEARER} ${access}`);
  });

  it('takes of a link its query alone, and no link for the last page', () => {
    expect(nextQuery(null)).to.equal(null);
    expect(nextQuery('</v2/_catalog?n=1>; rel="prev"')).to.equal(null);
    expect(nextQuery('<https://evil.example/x?last=a&n=1#f>; rel=next')).to.equal('last=a&n=1');
    for (const link of ['</v2/_catalog>; rel="next"', `<?last=${'a'.repeat(2000)}>; rel="next"`]) {
      expect(() => nextQuery(link), link).to.throw('an address that is none');
    }
  });

  for (const [what, answer, says] of [
    ['refuses', (_, to) => answerJson(to, {}, 401), 'answered 401 to /v2/_catalog: does it trust'],
    [
      'leads elsewhere',
      (_, to) => to.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      'answered 307',
    ],
    ['is a web page', (_, to) => to.end('<html>'), 'is no registry'],
    ['answers otherwise', (_, to) => answerJson(to, { repositories: [1] }), 'is no registry'],
    ['never stops', endless, 'answered more than 8388608 bytes'],
    ['hangs up', (_, to) => to.destroy(), 'cannot be reached'],
  ] as const satisfies readonly (readonly [string, Answer, string])[]) {
    it(`says so of a registry that ${what}, and no secret with it`, async () => {
      const refusal = await refusalOf(answer);

      expect(refusal).to.include(says).and.not.include(BEARER);
    });
  }

  it('ends a question at once when the service stops', async () => {
    const stopping = new AbortController();
    const client = await clientOf(() => stopping.abort());

    const refusal = await client.page(null, stopping.signal).catch(String);

    expect(refusal).to.include('cannot be reached');
  });

  it('reads the tags of a repository, and null of one that is not there', async () => {
    const client = await clientOf((request, response) => {
      const isThere = request.url === '/v2/a/b/tags/list';
      answerJson(response, { tags: ['1.0', '../x', 'latest'] }, isThere ? 200 : 404);
    });

    expect(await client.tags('a/b', NEVER)).to.deep.equal(['1.0', 'latest']);
    expect(await client.tags('a/c', NEVER)).to.equal(null);
  });

  for (const [created, expected] of [
    ['2026-03-01T10:00:00Z', new Date('2026-03-01T10:00:00Z')],
    ['1970-01-01T00:00:00Z', null],
    ['yesterday', null],
    [undefined, null],
  ] as const) {
    it(`takes ${created} of the first platform's image for ${expected?.toISOString() ?? 'unknown'}`, async () => {
      const answers: Readonly<Record<string, unknown>> = {
        '/v2/a/b/manifests/1': { manifests: [{ digest: INNER }] },
        [`/v2/a/b/manifests/${INNER}`]: { config: { digest: DIGEST } },
        [`/v2/a/b/blobs/${DIGEST}`]: { created },
      };
      const client = await clientOf((request, response) => {
        answerJson(response, answers[request.url ?? '']);
      });

      expect(await client.createdAt('a/b', '1', NEVER)).to.deep.equal(expected);
    });
  }

  it(`walks ${MANY} repositories of a registry that answers slowly`, async function walk() {
    this.timeout(MANY_MS);
    const names = Array.from({ length: MANY }, (_, index) => `team-${index % 300}/app-${index}`);
    const client = await clientOf(catalogue(names.toSorted(), { delayMs: 10 }));
    const { store } = await openCurrentStore(sqliteSettings(':memory:'), { migrate: true });
    const deps = { store, now: () => new Date(), catalogue: client, betweenPagesMs: 0 };

    await registryWalker(deps)(NEVER);

    const { seen, startedAt } = await registryWalk({ store }, OPERATOR);
    await store.close();
    expect({ seen, startedAt }).to.deep.equal({ seen: MANY, startedAt: null });
    expect(registry?.asked).to.have.lengthOf(MANY / 1000);
  });
});

function endless(...[, response]: Parameters<Answer>): void {
  const text = ' '.repeat(1024 * 1024);
  function more(): void {
    while (response.write(text)) {
      // As much as the other end takes.
    }
  }
  response.on('drain', more);
  more();
}
