import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import { withApp } from '../support/with-app.js';
import type { WebClient } from '../support/web-client.js';
import { webData } from './web-data.js';

describe('the page that explains', () => {
  const app = withApp();
  let project: Project;
  let maintainer: WebClient;
  let token: number;

  before(async () => {
    const data = webData(app);
    project = await data.project('why/app');
    token = await data.token(project, 'ci');
    maintainer = await data.signedIn('mary', 'maintainer', project);
  });

  it('asks who and for what, and says nothing yet', async () => {
    const { status, html } = await maintainer.get('/-/explain');

    expect(status).to.equal(200);
    expect(html).to.include('Who asks for what?').and.not.include('How it comes about');
  });

  it('says what is granted, and what it rests on', async () => {
    const { html } = await maintainer.get(address({ who: String(token), name: 'why/app/web' }));

    expect(html).to.include('pull why/app/web: yes');
    expect(html).to.include('Scopes: read_registry').and.include('Reaches why/app');
    expect(html).to.not.include('Stopped here');
  });

  it('says where it stops', async () => {
    const asked = { who: String(token), name: 'why/app', door: 'git', action: 'fetch' };
    const { html } = await maintainer.get(address(asked));

    expect(html).to.include('fetch why/app: no, a scope is missing');
    expect(html).to.match(/Stopped here: <\/span>\s*Scopes: read_registry/);
  });

  it('says what is wrong with the question, at its field, and keeps what was typed', async () => {
    const missing = await maintainer.get(address({ who: 'no <body>', name: 'why/app' }));
    const wrong = await maintainer.get(address({ who: 'mary', name: 'Why App' }));
    const action = await maintainer.get(
      address({ who: 'mary', name: 'why/app', door: 'git', action: 'delete' }),
    );

    expect([missing.status, wrong.status, action.status]).to.deep.equal([422, 422, 422]);
    expect(missing.html).to.include(
      'There is no deploy token or account no &lt;body> that you may',
    );
    expect(wrong.html).to.include('is no name of a repository').and.include('value="mary"');
    expect(action.html).to.include('At the door for code the action is fetch or push.');
  });

  it('is no oracle: what one does not maintain looks like what is not there', async () => {
    const stranger = await webData(app).signedIn('sam', null, project);

    const pages = await Promise.all(
      [String(token), '999999'].map(
        async (who) => await stranger.get(address({ who, name: 'why/app' })),
      ),
    );
    const [own, missing] = await Promise.all(
      ['why/app', 'why/not'].map(async (name) => await stranger.get(address({ who: 'sam', name }))),
    );

    expect(pages.map(({ status }) => status)).to.deep.equal([422, 422]);
    expect(own?.html.replaceAll('why/app', 'why/not')).to.equal(missing?.html);
  });
});

function address(question: Readonly<Record<string, string>>): string {
  return `/-/explain?${new URLSearchParams(question).toString()}`;
}
