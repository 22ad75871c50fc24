import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { packetLine } from '../support/git-client.js';
import type { Answer, HttpRequest } from '../support/token-client.js';
import {
  anyBytes,
  authorizationOf,
  callerTitle,
  headerText,
  isRefused,
  tampered,
  tampering,
} from './inputs.js';
import { isForGit, may, type Identity } from './table.js';
import { target, type FuzzTarget } from './target.js';
import type { World } from './world.js';

const LS_REFS = Buffer.from(`${packetLine('command=ls-refs\n')}00010000`);
const NEVER = 'fuzz/never-there';

/** Nearly git's: lengths that lie, commands cut off, lines too many. */
const nearlyPackets = fc
  .array(
    fc.oneof(
      fc.constantFrom('0000', '0001', '0002', '0004', '0003', 'fff0', 'ffff', 'zzzz', '-001'),
      fc.string({ unit: 'binary-ascii', maxLength: 40 }).map(packetLine),
      fc
        .constantFrom('command=fetch', 'command=ls-refs', 'want ', 'have ', 'done\n')
        .map(packetLine),
    ),
    { maxLength: 8 },
  )
  .map((lines) => Buffer.from(lines.join(''), 'latin1'));

/** Requests of git clients: nobody fetches or pushes but those whom the table lets. */
export function gitDoorTargets(world: World): FuzzTarget[] {
  const asked = fc.record({
    caller: callerTitle(world),
    tampering,
    path: fc.constantFrom(...world.projects.map(({ path }) => path), ...world.missing),
    suffix: fc.constantFrom('.git', ''),
    service: fc.constantFrom('git-upload-pack' as const, 'git-receive-pack' as const),
    body: fc.oneof(
      { arbitrary: fc.constant(null), weight: 4 },
      { arbitrary: fc.constant(LS_REFS), weight: 2 },
      nearlyPackets,
      anyBytes,
    ),
    encoding: fc.constantFrom('identity' as const, 'gzip' as const, 'lie' as const),
    protocol: fc.oneof(fc.constantFrom('version=2', 'version=1'), headerText),
  });

  return [
    target('git door', asked, async (question) => {
      const caller = world.caller(question.caller);
      const headers = authorizationOf(tampered(caller, question.tampering));
      const answer = await world.send(requestOf(question, headers));

      if (isRefused(caller, question.tampering)) {
        expect(answer.status).to.equal(401);
        return 'refused: credentials';
      }
      if (!isAllowed(world, caller.identity, question)) {
        expect(answer.status).to.be.oneOf([401, 403, 404]);
        await expectHidden(world, { question, headers, answer, identity: caller.identity });
        return 'refused';
      }
      if (question.body === null) {
        expect(answer.status).to.equal(200);
      }
      return question.body === null ? 'advertised' : `let in: ${answer.status}`;
    }),
  ];
}

interface Question {
  readonly path: string;
  readonly suffix: string;
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  /** Null asks which references there are. */
  readonly body: Buffer | null;
  readonly encoding: 'identity' | 'gzip' | 'lie';
  readonly protocol: string;
}

function requestOf(
  { path, suffix, service, body, encoding, protocol }: Question,
  headers: Readonly<Record<string, string>>,
): HttpRequest {
  const repository = `/${path}${suffix}`;
  const common = { ...headers, 'git-protocol': protocol };
  if (body === null) {
    return { method: 'GET', target: `${repository}/info/refs?service=${service}`, headers: common };
  }
  return {
    method: 'POST',
    target: `${repository}/${service}`,
    headers: {
      ...common,
      'content-type': `application/x-${service}-request`,
      ...(encoding === 'identity' ? {} : { 'content-encoding': 'gzip' }),
    },
    body: encoding === 'gzip' ? gzipSync(body) : body,
  };
}

function isAllowed({ projects }: World, identity: Identity, { path, service }: Question): boolean {
  const project = projects.find((each) => each.path === path);
  const act = service === 'git-upload-pack' ? 'clone' : 'git_push';
  return project !== undefined && isForGit(identity) && may(identity, act, project);
}

interface Refused {
  readonly question: Question;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: Answer;
  readonly identity: Identity;
}

/** A project that the caller may not clone looks like one that never was. */
async function expectHidden(
  world: World,
  { question, headers, answer, identity }: Refused,
): Promise<void> {
  if (isAllowed(world, identity, { ...question, service: 'git-upload-pack' })) {
    return;
  }
  const twin = await world.send(requestOf({ ...question, path: NEVER }, headers));
  expect([answer.status, answer.text]).to.deep.equal([twin.status, twin.text]);
}
