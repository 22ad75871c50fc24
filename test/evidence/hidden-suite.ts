import { once } from 'node:events';
import { Agent, IncomingMessage, request as httpRequest } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { expect } from 'chai';
import { z } from 'zod';
import { addImagePrefix } from '../../src/services/image-prefixes.js';
import { OPERATOR } from '../../src/access/actor.js';
import { recordStatements } from '../support/statements.js';
import { oddsOfGreater } from '../support/statistics.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { basic, SERVICE } from '../support/token-client.js';
import { webClient } from '../support/web-client.js';
import { newAccessToken, newDeployToken, newProject, newUser } from '../doors/app-data.js';

type Headers = Readonly<Record<string, string>>;

type Who = 'nobody' | 'a browser' | 'an account' | 'a token' | 'a session' | 'a deploy token';

/** Where something hidden and something missing are asked for in the same words. */
interface Probe {
  readonly what: 'project' | 'namespace' | 'prefix';
  readonly by: string;
  readonly who: Who;
  readonly status: number;
  readonly address: (name: string, id: number) => string;
}

const HIDDEN = {
  project: 'vault/hidden',
  namespace: 'vault/secrets',
  prefix: 'images/hidden/api',
} as const;
const MISSING = {
  project: 'vault/nobody',
  namespace: 'vault/nothing',
  prefix: 'images/nobody/api',
} as const;
const NO_ID = 987_654_321;
/** Of each, and again where these seem to differ: what chance makes of a few is gone in many. */
const SAMPLES = 400;
const MOST_SAMPLES = 2000;
const MOST_TIME_MS = 180_000;
/** From one half. Chance alone takes 2000 samples further apart once in 10⁹ runs. */
const TOLD_APART = 0.055;

const API: readonly Who[] = ['nobody', 'a token'];
const PAGES: readonly Who[] = ['a browser', 'a session'];
const PROGRAMS: readonly Who[] = ['an account', 'a deploy token'];

function byAll(probe: Omit<Probe, 'who'>, all: readonly Who[]): Probe[] {
  return all.map((who) => ({ ...probe, who }));
}

function inApi(list: string): Probe['address'] {
  return (name) => `/api/v4/${list}/${encodeURIComponent(name)}`;
}

function byNumber(list: string): Probe['address'] {
  return (_name, id) => `/api/v4/${list}/${id}`;
}

function ofPage(name: string): string {
  return `/${name}`;
}

function ofClone(name: string): string {
  return `/${name}.git/info/refs?service=git-upload-pack`;
}

function ofToken(name: string): string {
  return `/token?service=${SERVICE}&scope=repository:${name}:pull`;
}

const PROBES: readonly Probe[] = [
  ...byAll({ what: 'project', by: 'by the API', status: 404, address: inApi('projects') }, API),
  ...byAll({ what: 'project', by: 'by number', status: 404, address: byNumber('projects') }, API),
  ...byAll({ what: 'namespace', by: 'by the API', status: 404, address: inApi('groups') }, API),
  ...byAll({ what: 'namespace', by: 'by number', status: 404, address: byNumber('groups') }, API),
  ...byAll({ what: 'project', by: 'by its page', status: 404, address: ofPage }, PAGES),
  ...byAll({ what: 'namespace', by: 'by its page', status: 404, address: ofPage }, PAGES),
  ...byAll({ what: 'project', by: 'by git', status: 401, address: ofClone }, ['nobody']),
  ...byAll({ what: 'project', by: 'by git', status: 404, address: ofClone }, PROGRAMS),
  ...byAll({ what: 'project', by: 'by the token door', status: 200, address: ofToken }, ['nobody']),
  ...byAll({ what: 'project', by: 'by the token door', status: 200, address: ofToken }, PROGRAMS),
  ...byAll({ what: 'prefix', by: 'by the token door', status: 200, address: ofToken }, PROGRAMS),
];

/**
 * Whoever may not see something cannot tell it from what is not there: not by what is answered, nor by
 * what is asked of the database for the answer, nor by how long it takes.
 */
export function describeHidden(
  name: string,
  environment: () => Promise<{
    readonly env: NodeJS.ProcessEnv;
    readonly stop: () => Promise<void>;
  }>,
): void {
  describe(`what is hidden, on ${name}`, () => {
    let app: TestApp;
    let stopDatabase: () => Promise<void>;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ids = { project: 0, namespace: 0, prefix: 0 };
    const headers = new Map<Who, Headers>([
      ['nobody', {}],
      ['a browser', { accept: 'text/html' }],
    ]);

    before(async () => {
      const { env, stop } = await environment();
      stopDatabase = stop;
      app = await startApp({ env });
      const deps = { store: app.service.store, now: () => new Date() };
      const hidden = await newProject(app, { path: HIDDEN.project });
      await addImagePrefix(deps, OPERATOR, hidden, HIDDEN.prefix);
      for (const number of Array.from({ length: 20 }, (_, index) => index)) {
        await newProject(app, { path: `${HIDDEN.namespace}/project-${number}` });
      }
      ids.project = hidden.id;
      ids.namespace = (await deps.store.namespaces.findByPath(HIDDEN.namespace))?.id ?? 0;
      const { user, login } = await newUser(app);
      const { secret } = await newAccessToken(app, user, [
        'api',
        'read_registry',
        'read_repository',
      ]);
      const other = await newDeployToken(app, await newProject(app, { path: 'other/project' }), {
        scopes: ['read_registry', 'read_repository'],
      });
      headers.set('a token', { 'private-token': secret });
      headers.set('an account', { authorization: basic({ username: user.username, secret }) });
      headers.set('a deploy token', { authorization: basic(other.login) });
      const browser = webClient(app.origin);
      await browser.signIn(login.username, login.secret);
      const cookie = Array.from(browser.cookies, (pair) => pair.join('=')).join('; ');
      headers.set('a session', { cookie, accept: 'text/html' });
    });

    after(async () => {
      agent.destroy();
      await app.stop();
      await stopDatabase();
    });

    for (const probe of PROBES) {
      it(`is answered as what is missing: a ${probe.what} ${probe.by}, to ${probe.who}`, async () => {
        const [hidden, missing] = addressesOf(probe);
        const sent = headers.get(probe.who) ?? {};

        const [ofHidden, ofMissing] = [await ask(hidden, sent), await ask(missing, sent)];
        const questions = await questionsOf(hidden, sent);

        expect([ofHidden.status, ofMissing.status]).to.deep.equal([probe.status, probe.status]);
        expect(ofHidden.length).to.equal(ofMissing.length);
        expect(questions).to.deep.equal(await questionsOf(missing, sent));
        expect(questions).to.not.deep.equal([]);
      });
    }

    for (const probe of PROBES.filter(({ who }) => who !== 'nobody' && who !== 'a browser')) {
      it(`takes as long as what is missing: a ${probe.what} ${probe.by}, to ${probe.who}`, async () => {
        const [hidden, missing] = addressesOf(probe);
        const sent = headers.get(probe.who) ?? {};
        const [ofHidden, ofMissing]: [number[], number[]] = [[], []];
        let odds = 0;

        do {
          for (let sample = 0; sample < SAMPLES; sample += 1) {
            // Neither is always the first of two.
            for (const isHidden of sample % 2 === 0 ? [true, false] : [false, true]) {
              const took = await timeOf(isHidden ? hidden : missing, sent);
              (isHidden ? ofHidden : ofMissing).push(took);
            }
          }
          odds = oddsOfGreater(ofHidden, ofMissing);
        } while (Math.abs(odds - 0.5) > TOLD_APART && ofHidden.length < MOST_SAMPLES);

        expect(odds).to.be.within(0.5 - TOLD_APART, 0.5 + TOLD_APART);
      }).timeout(MOST_TIME_MS);
    }

    function addressesOf({ what, address }: Probe): [string, string] {
      return [address(HIDDEN[what], ids[what]), address(MISSING[what], NO_ID)];
    }

    async function ask(
      address: string,
      sentHeaders: Headers,
    ): Promise<{ readonly status: number; readonly length: number }> {
      const request = httpRequest(app.origin + address, { agent, headers: sentHeaders }).end();
      const [response] = z
        .tuple([z.instanceof(IncomingMessage)])
        .parse(await once(request, 'response'));
      return { status: response.statusCode ?? 0, length: (await readText(response)).length };
    }

    async function timeOf(address: string, sent: Headers): Promise<number> {
      const start = performance.now();
      await ask(address, sent);
      return performance.now() - start;
    }

    /** What no second time is otherwise, so that what the service does beside requests is not among it. */
    async function questionsOf(address: string, sent: Headers): Promise<readonly string[]> {
      let before: readonly string[] | null = null;
      for (;;) {
        // What was kept is read again.
        await app.service.store.write(async () => await Promise.resolve());
        const statements = recordStatements();
        await ask(address, sent);
        statements.stop();
        if (JSON.stringify(statements.sql) === JSON.stringify(before)) {
          return statements.sql;
        }
        before = [...statements.sql];
      }
    }
  });
}
