import { expect } from 'chai';
import * as fc from 'fast-check';
import { z } from 'zod';
import { INSTANCE } from '../../src/access/deploy-token.js';
import { ENDPOINTS } from '../../src/api/endpoints.js';
import { openApiDocument } from '../../src/api/openapi.js';
import {
  newAccessToken,
  newDeployToken,
  newMember,
  newNamespace,
  newProject,
  newUser,
} from '../doors/app-data.js';
import { giveNamespace } from '../doors/app-data.js';
import { accessTokensOf } from '../support/rows.js';
import { send, type Answer } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { API, requireDeclared } from './api-client.js';
import { bodiesOf, valuesOf } from './declared-values.js';
import { documentOf } from './openapi-document.js';

const RUNS = 8;

/** Between several parameters of a query, and of opaque ones: OpenAPI has no words for those. */
const BESIDE_THE_SCHEMA = /^cursor |^full_path is|_type, (?:entity|target)_(?:id|type) /;

/** Rules that the schema tells, in the words of the services that hold them. */
const IN_THE_SCHEMA =
  /has 1 to 255 characters|has at most \d+ characters|be blank|at least one scope/;

/** What a request holds, as the document allows it. */
interface Sent {
  /** Null for what there is. */
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>> | null;
}

const { operations, schemas } = documentOf(openApiDocument(ENDPOINTS, '0'));

describe('what the OpenAPI document allows', () => {
  const app = withApp();
  let anySecret: string;

  before(async () => {
    anySecret = await newSecret();
  });

  async function newSecret(): Promise<string> {
    const { user } = await newUser(app, { isAdmin: true });
    return (await newAccessToken(app, user, ['api'])).secret;
  }

  for (const { method, path, parameters, bodySchema, statuses } of operations) {
    it(`is taken, or refused as it says: ${method} ${path}`, async () => {
      await fc.assert(
        fc.asyncProperty(requests(), async (sent) => {
          const answer = await ask(sent);

          expect(statuses).to.include(answer.status);
          const refusal = z.object({ error: z.string() }).safeParse(answer.body);
          if (answer.status === 400 && refusal.success) {
            expect(refusal.data.error).to.match(BESIDE_THE_SCHEMA);
          }
          expect(answer.text).not.to.match(IN_THE_SCHEMA);
        }),
        { numRuns: RUNS },
      );
    }).timeout(30_000);

    function requests(): fc.Arbitrary<Sent> {
      const inPath = parameters.filter((each) => each.in === 'path');
      const inQuery = parameters.filter((each) => each.in === 'query');
      return fc.record({
        path: fc.record(
          Object.fromEntries(
            inPath.map((each) => [each.name, fc.option(valuesOf(each.schema), { freq: 3 })]),
          ),
        ),
        query: fc.record(
          Object.fromEntries(inQuery.map((each) => [each.name, valuesOf(each.schema)])),
          { requiredKeys: inQuery.flatMap((each) => (each.required ? [each.name] : [])) },
        ),
        body: bodySchema === null ? fc.constant(null) : bodiesOf(schemas[bodySchema] ?? {}),
      });
    }

    async function ask({ path: names, query, body }: Sent): Promise<Answer> {
      // Two of the endpoints end the token that they are asked with.
      const secret = path.includes('/self') ? await newSecret() : anySecret;
      const there = await whatIsThere(path);
      const here = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(String(names[name] ?? there[name])),
      );
      const target = `${here}${queryOf(query)}`;
      const answer = await send(app.origin, {
        method: method.toUpperCase(),
        target: API + target,
        headers: { 'private-token': secret, ...(body && { 'content-type': 'application/json' }) },
        body: body === null ? '' : JSON.stringify(body),
      });
      requireDeclared(method, target, answer);
      return answer;
    }
  }

  /** By the names of the parameters. */
  async function whatIsThere(path: string): Promise<Readonly<Record<string, unknown>>> {
    const { user } = await newUser(app);
    if (path.startsWith('/users') || path.startsWith('/personal_access_tokens')) {
      await newAccessToken(app, user, ['api']);
      const [token] = await accessTokensOf(app.service.store, user.id);
      return { id: path.startsWith('/users') ? user.id : token?.id, user_id: user.id };
    }
    const isProject = path.startsWith('/projects');
    const owner = isProject ? await newProject(app) : await newNamespace(app);
    if (owner.kind === 'namespace') {
      await giveNamespace(app, owner.path, user, 'guest');
    }
    const member = owner.kind === 'project' ? (await newMember(app, owner, 'guest')).user : user;
    const ofToken = path.startsWith('/deploy_tokens') ? INSTANCE : owner;
    const { token } = await newDeployToken(app, ofToken);
    return { id: owner.id, user_id: member.id, token_id: token.id };
  }
});

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((each) => [`${name}[]`, String(each)])
      : [[name, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}
