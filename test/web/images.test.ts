import { expect } from 'chai';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Project } from '../../src/access/project.js';
import {
  answerJson,
  holding,
  startStandIn,
  type StandInRegistry,
} from '../support/stand-in-registry.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { webData, type WebData } from './web-data.js';

const HOLDS = {
  'shop/web': { latest: null, '2.0': new Date('2026-10-01T00:00:00Z') },
  'shop/web/api': { '1.9': null, '1.10': null },
  'shop/web/untagged': {},
  'other/secret': { '1': null },
};
const MANY = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`shop/many/i${index}`, { '1': null }] as const),
);

describe('the images on a project’s page', () => {
  let registry: StandInRegistry;
  let isAway = false;
  let app: TestApp;
  let data: WebData;
  let reader: WebClient;
  let project: Project;

  before(async () => {
    const answer = holding({ ...HOLDS, ...MANY });
    registry = await startStandIn(async (request: IncomingMessage, response: ServerResponse) => {
      await (isAway ? answerJson(response, {}, 503) : answer(request, response));
    });
    app = await startApp({
      env: {
        PULLGATE_REGISTRY_URL: registry.url,
        PULLGATE_REGISTRY_HOST: 'registry.example.com',
      },
      registryHolds: Object.keys({ ...HOLDS, ...MANY }),
    });
    data = webData(app);
    project = await data.project('Shop/Web');
    reader = await data.signedIn('rita', 'reporter', project);
  });

  after(async () => {
    await app.stop();
    await registry.stop();
  });

  it('are listed with their tags, the newest first, and a command that pulls one that exists', async () => {
    const { status, html } = await reader.get('/Shop/Web');

    expect(status).to.equal(200);
    expect(html).to.include('docker pull registry.example.com/shop/web:2.0');
    expect(html).to.include('2.0, latest').and.include('1.10, 1.9');
    expect(html).to.include('no tag: what it holds is pulled by digest alone');
    expect(html).to.not.include('other/secret');
  });

  it('have a page each, with a command for every tag', async () => {
    const { html } = await reader.get('/Shop/Web?image=shop%2Fweb%2Fapi');

    for (const tag of ['1.10', '1.9']) {
      expect(html).to.include(`docker pull registry.example.com/shop/web/api:${tag}`);
    }
    expect(html).to.not.include('shop/web:2.0');
  });

  it('of another project, or of nobody, are not there', async () => {
    for (const image of ['other/secret', 'shop/web/none', 'shop/web-evil', '%3Cscript%3E', '..']) {
      expect((await reader.get(`/Shop/Web?image=${image}`)).status, image).to.equal(404);
    }
  });

  it('are neither shown to guests nor asked for on their behalf', async () => {
    const quiet = await data.project('shop/quiet');
    const guest = await data.signedIn('gus', 'guest', quiet);
    const before = registry.asked.length;

    const { html } = await guest.get('/shop/quiet?image=shop%2Fquiet');

    expect(html).to.include('You see this project as a guest').and.not.include('id="images"');
    expect(registry.asked.slice(before).filter((path) => path.includes('quiet'))).to.deep.equal([]);
  });

  it('come by page', async () => {
    const many = await data.project('shop/many');
    const client = await data.signedIn('mary', 'reporter', many);

    const first = await client.get('/shop/many');
    const next = /rel="next" href="([^"#]+)/.exec(first.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await client.get(next);

    expect(imagesIn(first.html, 'shop/many')).to.have.lengthOf(10);
    expect(imagesIn(second.html, 'shop/many')).to.have.lengthOf(2);
  });

  it('are said not to be there yet, without a command that would pull nothing', async () => {
    await data.project('shop/empty', 'public');

    const { html } = await webClient(app.origin).get('/shop/empty');

    expect(html).to.include('No image yet').and.not.include('docker pull');
  });

  it('leave the page whole while the registry is away', async () => {
    await data.project('shop/away', 'public');
    isAway = true;
    const { status, html } = await webClient(app.origin).get('/shop/away');
    isAway = false;

    expect(status).to.equal(200);
    expect(html).to.include('The registry has not answered yet').and.include('git clone');
    expect(html).to.include('docker pull registry.example.com/shop/away:latest');
  });
});

function imagesIn(html: string, below: string): readonly string[] {
  return [...html.matchAll(/image=([^"#]+)#images/g)]
    .map(([, name = '']) => decodeURIComponent(name))
    .filter((name) => name.startsWith(below));
}
