/** Everything that reads what a stranger wrote. None of it throws, nor reads what was not written. */

import { writeFile } from 'node:fs/promises';
import { IncomingMessage } from 'node:http';
import { BlockList, isIP, Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { stringify as toYaml } from 'yaml';
import { isDeployTokenUsername } from '../../src/access/deploy-token.js';
import { AppError } from '../../src/access/errors.js';
import { parseExpiryDate } from '../../src/access/expiry.js';
import { projectPathProblem } from '../../src/access/project.js';
import { isRepositoryName, prefixesOf } from '../../src/access/repository-name.js';
import { parseRole } from '../../src/access/role.js';
import { parseScopes } from '../../src/access/scope.js';
import { isUsername } from '../../src/access/user.js';
import { loadConfig, settingNames } from '../../src/config/load.js';
import { ConfigError } from '../../src/config/problems.js';
import { gitProtocol, parseGitRequest } from '../../src/git/git-request.js';
import { isFaulty } from '../../src/credentials.js';
import { parseBasicAuth } from '../../src/http/basic-auth.js';
import { clientAddresses } from '../../src/http/client-address.js';
import { parseForm } from '../../src/http/form.js';
import { parseGetRequest } from '../../src/registry/token-request.js';
import { localPath, parseAddress } from '../../src/web/addresses.js';
import { readCookie } from '../../src/web/cookies.js';
import { fieldNumber } from '../../src/web/fields.js';
import { anyText, resourceName, scopeParameters } from '../property/arbitraries.js';
import { target, type FuzzTarget } from './target.js';

const basic = fc
  .oneof(
    fc.tuple(fc.string(), fc.string()).map((parts) => Buffer.from(parts.join(':'))),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  )
  .map((bytes) => `Basic ${bytes.toString('base64')}`);
const date = fc
  .tuple(fc.nat({ max: 9999 }), fc.nat({ max: 13 }), fc.nat({ max: 32 }))
  .map(([year, ...others]) =>
    [String(year).padStart(4, '0'), ...others.map((part) => String(part).padStart(2, '0'))].join(
      '-',
    ),
  );
const cookie = fc.stringMatching(/^[\w-]{31,33}$/);
const parameters = fc
  .array(fc.tuple(fc.constantFrom('service', 'scope', 'account', 'client_id'), anyText), {
    maxLength: 5,
  })
  .map((pairs) => new URLSearchParams(pairs).toString());
const address = fc
  .tuple(
    fc.constantFrom('', '/', '/a/b', '/a/b.git', '/a/b/-/settings/', '/-/setup/', '//', '/\\'),
    fc.oneof(
      fc.constantFrom(
        '/info/refs',
        '/git-upload-pack',
        'repository',
        '/HEAD',
        '/deploy_tokens/1/revoke',
      ),
      anyText,
    ),
    fc.constantFrom('', '?service=git-upload-pack', '?service=git-upload-pack&service=x', '?%'),
  )
  .map((parts) => parts.join(''));

/** Whether a parser found something, or said that there is nothing: both are well. */
function readsText(
  name: string,
  parse: (text: string) => unknown,
  texts: fc.Arbitrary<string> = anyText,
): FuzzTarget {
  return target(`parser: ${name}`, fc.oneof(texts, anyText), (text) => {
    const read = parse(text);
    return read === null || read === false ? 'refused' : 'read';
  });
}

/** `folder` is for configuration files. */
export function parserTargets(folder: string): FuzzTarget[] {
  return [
    readsText(
      'scope',
      parseScope,
      scopeParameters.map((texts) => texts.join(' ')),
    ),
    readsText('form', parseForm, parameters),
    readsText(
      'Basic credentials',
      (text) => {
        const presented = parseBasicAuth(text);
        return presented !== null && !isFaulty(presented);
      },
      basic,
    ),
    readsText('repository name', isRepositoryName, resourceName),
    readsText('namespaces of a name', namespaces, resourceName),
    readsText('project path', (text) => projectPathProblem(text) === null, resourceName),
    readsText('expiry date', parseExpiryDate, date),
    readsText('role', parseRole, fc.mixedCase(fc.constantFrom('guest', 'owner', 'master'))),
    readsText('username', isUsername),
    readsText('username of a deploy token', isDeployTokenUsername),
    readsText('token request', parseTokenRequest, parameters),
    readsText('git request', (text) => parseGitRequest(messageWith({ url: text })), address),
    readsText(
      'git protocol',
      (text) => gitProtocol(messageWith({ header: text })),
      fc.nat({ max: 4 }).map((version) => `version=${version}`),
    ),
    readsText('page address', parseAddress, address),
    readsText('page to go on to', staysHere, address),
    readsText(
      'page number',
      (text) => fieldNumber(new Map([['page', [text]]]), 'page'),
      fc.integer().map(String),
    ),
    readsText(
      'cookie',
      (text) => readCookie(messageWith({ header: `a=b; session=${text}` }), 'session'),
      cookie,
    ),
    readsText('forwarded address', addressBehindProxy, fc.oneof(fc.ipV4(), fc.ipV6())),
    configTarget(folder),
  ];
}

function parseScope(text: string): unknown {
  const entries = parseScopes([text]);
  return entries.length === 0 ? null : entries;
}

function namespaces(name: string): unknown {
  const found = prefixesOf(name);
  return found.length === 0 ? null : found;
}

function parseTokenRequest(text: string): unknown {
  try {
    return parseGetRequest(text, undefined);
  } catch (error) {
    if (error instanceof AppError) {
      return null;
    }
    throw error;
  }
}

/** As a browser reads an address: the one place that decides whether it is another host's. */
function staysHere(text: string): string {
  const path = localPath(text);
  expect(new URL(path, 'http://pullgate.example').host).to.equal('pullgate.example');
  return path;
}

function addressBehindProxy(text: string): string | null {
  const trustedProxies = new BlockList();
  trustedProxies.addSubnet('10.0.0.0', 8);
  const message = messageWith({ forwarded: text });
  const found = clientAddresses({ trustedProxies })(message);
  expect(found === '' || isIP(found) !== 0).to.equal(true);
  return found === '' ? null : found;
}

function messageWith(parts: {
  readonly url?: string;
  readonly header?: string;
  readonly forwarded?: string;
}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: '10.0.0.1' });
  const message = new IncomingMessage(socket);
  message.method = 'GET';
  message.url = parts.url ?? '/';
  message.headers = {
    'git-protocol': parts.header ?? '',
    cookie: parts.header ?? '',
    'x-forwarded-for': parts.forwarded ?? '',
  };
  return message;
}

/** A file and an environment with anything in them: either settings or a list of what is wrong. */
function configTarget(folder: string): FuzzTarget {
  const names = settingNames();
  const secret = 'hunter2-in-the-file';
  const value = fc.oneof(
    anyText,
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, [], {}, '127.0.0.1:0', 'https://a.example', 'mysql://u:p@h/d'),
  );
  const setting = fc.tuple(
    fc.constantFrom(...names.map(({ section }) => section), 'nothing'),
    fc.constantFrom(...names.map(({ key }) => key), 'nothing'),
    value,
  );
  const variable = fc.tuple(
    fc.constantFrom(...names.map((name) => name.variable)),
    anyText.map((text) => text.replaceAll('\0', '')),
  );
  const file = fc.oneof(
    fc.array(setting, { maxLength: 5 }).map(asYaml),
    anyText.map((text) => `password: ${secret}\n${text}`),
  );

  return target(
    'parser: configuration',
    fc.tuple(file, fc.array(variable, { maxLength: 3 })),
    async ([text, variables]) => {
      const path = join(folder, 'pullgate.yml');
      await writeFile(path, text);
      try {
        await loadConfig({ ...Object.fromEntries(variables), PULLGATE_CONFIG: path });
        return 'read';
      } catch (error) {
        expect(error).to.be.instanceOf(ConfigError);
        expect(String(error)).not.to.contain(secret);
        return 'refused';
      }
    },
  );
}

function asYaml(settings: readonly (readonly [string, string, unknown])[]): string {
  const sections = new Map<string, Record<string, unknown>>();
  for (const [section, key, value] of settings) {
    sections.set(section, { ...sections.get(section), [key]: value });
  }
  return toYaml(Object.fromEntries(sections));
}
