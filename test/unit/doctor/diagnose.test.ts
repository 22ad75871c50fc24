import { expect } from 'chai';
import { diagnose } from '../../../src/doctor/diagnose.js';
import { isPathOpen, type Check, type Finding } from '../../../src/doctor/finding.js';
import type { Observations, RegistryFile, TriedToken } from '../../../src/doctor/observations.js';

const REALM = 'https://pullgate.example.com/token';
const OWN: Observations['own'] = {
  publicUrl: 'https://pullgate.example.com',
  realm: REALM,
  service: 'container_registry',
  issuer: 'pullgate',
  algorithm: 'ES256',
  registryHost: 'registry.example.com',
  registryUrl: 'https://registry.example.com',
  tokenTtl: 300,
  caFile: '/srv/certs/ca.crt',
};
const GOOD_FILE: RegistryFile = {
  name: 'config.yml',
  failure: null,
  issuer: 'pullgate',
  autoredirect: false,
  bundle: { path: '/etc/ca.crt', hasOwnCa: true },
  hasKeySet: false,
  algorithms: [],
};
const GOOD: Observations = {
  own: OWN,
  registry: answer(401, challenge(REALM)),
  asClients: null,
  realm: { url: REALM, reached: answer(401, 'Basic realm="pullgate"') },
  seen: [{ authorization: 'own', instance: 'a', forwarded: 'believed', peer: '10.0.0.2' }],
  tried: [tried({ isTaken: true })],
  realmWarnings: [],
  file: null,
  keys: {
    signingDaysLeft: 200,
    caDaysLeft: 7000,
    hasCaKey: true,
    caFingerprint: 'AB:CD',
    isKnownCa: true,
    damaged: [],
  },
  files: [],
  database: null,
  instance: 'a',
  git: null,
};
const REFUSED: Partial<Observations> = { tried: [tried({}), tried({ issuer: 'gitlab-issuer' })] };

function challenge(realm: string, service = 'container_registry'): string {
  return `Bearer realm="${realm}",service="${service}"`;
}

function answer(
  status: number,
  text: string | null = null,
  secondsAhead = 0,
): Exclude<Observations['registry'], { failure: string }> {
  return { status, challenge: text, location: null, secondsAhead };
}

function tried(token: Partial<TriedToken>): TriedToken {
  const { service, issuer } = OWN;
  return { service, issuer, secondsAhead: 0, isTaken: false, ...token };
}

function found(seen: Partial<Observations>): readonly Finding[] {
  return diagnose({ ...GOOD, ...seen });
}

function checks(seen: Partial<Observations>): readonly Check[] {
  return found(seen).map(({ check }) => check);
}

describe('diagnose', () => {
  it('finds nothing where all is well, also beside a good file of the registry', () => {
    expect(found({})).to.deep.equal([]);
    expect(found({ file: GOOD_FILE })).to.deep.equal([]);
  });

  const SEEDED: readonly (readonly [string, Partial<Observations>, readonly Check[]])[] = [
    ['no registry at registry.host', { registry: { failure: 'no' } }, ['registry-host']],
    [
      'no registry at registry.url',
      {
        registry: { failure: 'connection refused' },
        asClients: { url: 'https://registry.example.com', reached: { failure: 'no such host' } },
      },
      ['registry-unreachable', 'registry-host'],
    ],
    [
      'another registry at registry.host',
      { asClients: { url: 'https://registry.example.com', reached: answer(200) } },
      ['registry-host'],
    ],
    ['a registry that is open to all', { registry: answer(200) }, ['registry-not-asking']],
    [
      'a registry with passwords of its own',
      { registry: answer(401, 'Basic realm="r"') },
      ['registry-not-asking'],
    ],
    ['a page in place of a registry', { registry: answer(404) }, ['registry-not-asking']],
    [
      'a realm of another port',
      { registry: answer(401, challenge('https://pullgate.example.com:8443/token')) },
      ['realm'],
    ],
    [
      'autoredirect in place of a realm',
      {
        registry: answer(401, challenge('https://registry.example.com/auth/token')),
        file: { ...GOOD_FILE, autoredirect: true },
      },
      ['realm'],
    ],
    [
      'a realm with another path',
      { registry: answer(401, challenge('https://pullgate.example.com/')) },
      ['realm'],
    ],
    [
      'a realm that nobody answers',
      { realm: { url: REALM, reached: { failure: 'connection refused' } } },
      ['realm-unreachable'],
    ],
    [
      'a realm that another program answers',
      { realm: { url: REALM, reached: answer(404) }, seen: [null] },
      ['realm-unreachable'],
    ],
    [
      'certificates of a CA that is not known here, with which pulls may work',
      {
        registry: { failure: 'its CA is not known', isUntrusted: true },
        asClients: {
          url: 'https://registry.example.com',
          reached: { failure: 'its CA is not known', isUntrusted: true },
        },
      },
      ['certificate', 'certificate'],
    ],
    [
      'a realm whose certificate is not trusted here',
      { realm: { url: REALM, reached: { failure: 'it is self-signed', isUntrusted: true } } },
      ['certificate'],
    ],
    [
      'a realm that clients refuse',
      { realmWarnings: ['http.public_url is http://'] },
      ['realm-refused-by-clients'],
    ],
    [
      'a proxy that drops Authorization',
      { seen: [{ authorization: 'absent' }] },
      ['authorization-dropped'],
    ],
    [
      'a proxy that is not trusted',
      {
        seen: [{ authorization: 'own', instance: 'a', forwarded: 'ignored', peer: '10.0.0.2' }],
      },
      ['proxy-not-trusted'],
    ],
    [
      'one of two Pullgates with other keys',
      { seen: [...GOOD.seen, { authorization: 'unknown' }] },
      ['other-pullgate'],
    ],
    ['a Pullgate with another database', { instance: 'b' }, ['other-pullgate']],
    [
      'another service',
      {
        registry: answer(401, challenge(REALM, 'other')),
        tried: [tried({}), tried({ service: 'other', isTaken: true })],
      },
      ['service'],
    ],
    [
      'an issuer that is usual',
      { tried: [tried({}), tried({ issuer: 'gitlab-issuer', isTaken: true })] },
      ['issuer'],
    ],
    ['an issuer, a CA or a registry not restarted', REFUSED, ['token-refused']],
    [
      'another issuer in the file',
      { ...REFUSED, file: { ...GOOD_FILE, issuer: 'somebody' } },
      ['issuer'],
    ],
    [
      'another CA in the bundle',
      { ...REFUSED, file: { ...GOOD_FILE, bundle: { path: '/etc/ca.crt', hasOwnCa: false } } },
      ['rootcertbundle'],
    ],
    [
      'a bundle that cannot be read from here',
      { ...REFUSED, file: { ...GOOD_FILE, bundle: { path: '/etc/ca.crt', hasOwnCa: null } } },
      ['rootcertbundle'],
    ],
    [
      'jwks in place of a bundle',
      { ...REFUSED, file: { ...GOOD_FILE, bundle: null, hasKeySet: true } },
      ['rootcertbundle'],
    ],
    [
      'algorithms without the own one',
      { ...REFUSED, file: { ...GOOD_FILE, algorithms: ['RS256'] } },
      ['signing-algorithms'],
    ],
    ['a registry not restarted', { ...REFUSED, file: GOOD_FILE }, ['not-restarted']],
    [
      'a file that is not the registry’s',
      { ...REFUSED, file: { ...GOOD_FILE, failure: 'it has no auth: token:' } },
      ['token-refused', 'registry-file'],
    ],
    [
      'a clock ten minutes off',
      {
        registry: answer(401, challenge(REALM), -600),
        tried: [tried({}), tried({ secondsAhead: -600, isTaken: true })],
      },
      ['clock'],
    ],
    ['a clock a minute off', { registry: answer(401, challenge(REALM), 45) }, ['clock']],
    ['no keys', { keys: { failure: 'There is no ca.crt.' }, tried: [], seen: [] }, ['keys']],
    ['a signing key near its end', { keys: { ...goodKeys(), signingDaysLeft: 10 } }, ['keys']],
    ['a CA near its end', { keys: { ...goodKeys(), caDaysLeft: 10 } }, ['keys']],
    ['a CA that is new', { keys: { ...goodKeys(), isKnownCa: false } }, ['keys']],
    ['a damaged key', { keys: { ...goodKeys(), damaged: ['leaf is empty'] } }, ['keys']],
    [
      'a key of root',
      { files: [{ path: 'certs/leaf.pem', fault: 'other-owner', owner: 1000 }] },
      ['files'],
    ],
    [
      'a key that all can read',
      { files: [{ path: 'certs/leaf.pem', fault: 'readable-by-others', owner: 0 }] },
      ['files'],
    ],
    ['no database', { database: 'The database cannot be used.', instance: null }, ['database']],
    ['no git', { git: 'git is not on the PATH' }, ['git']],
  ];
  for (const [what, seen, expected] of SEEDED) {
    it(`tells ${what}`, () => {
      const findings = found(seen);

      expect(findings.map(({ check }) => check)).to.deep.equal(expected);
      for (const finding of findings) {
        expect(Object.values(finding).join()).not.to.match(/undefined|null|NaN/);
      }
    });
  }

  it('names the line to change, with what it has to be', () => {
    const [realm] = found({ registry: answer(401, challenge('http://127.0.0.1:1/token')) });
    const [bundle] = found({
      ...REFUSED,
      file: { ...GOOD_FILE, bundle: { path: '/etc/ca.crt', hasOwnCa: false } },
    });

    expect(realm?.change).to.contain(`\`realm: ${REALM}\``);
    expect(bundle?.change).to.contain('Copy /srv/certs/ca.crt to /etc/ca.crt');
  });

  it('says among which it cannot tell without the file of the registry', () => {
    const [finding] = found(REFUSED);

    expect(finding?.problem)
      .to.contain('issuer')
      .and.contain('rootcertbundle')
      .and.contain('restarted');
    expect(finding?.change).to.contain('--config').and.contain('AB:CD');
  });

  it('finds nothing in a realm of the clients’ own machine, which cannot be asked from here', () => {
    expect(checks({ realm: { url: REALM, reached: null }, seen: [] })).to.deep.equal([]);
  });

  it('takes a realm for its own at each of the paths, with a slash or a query', () => {
    for (const end of ['/token/', '/jwt/auth', '/auth/token?service=x']) {
      const realm = `https://pullgate.example.com${end}`;
      expect(checks({ registry: answer(401, challenge(realm)) }), end).to.deep.equal([]);
    }
  });

  it('calls the path open as long as images can be pulled', () => {
    expect(isPathOpen(found({ git: 'git is not on the PATH' }))).to.equal(true);
    expect(isPathOpen(found(REFUSED))).to.equal(false);
  });
});

function goodKeys(): Exclude<Observations['keys'], { failure: string }> {
  return {
    signingDaysLeft: 200,
    caDaysLeft: 7000,
    hasCaKey: true,
    caFingerprint: 'AB:CD',
    isKnownCa: true,
    damaged: [],
  };
}
