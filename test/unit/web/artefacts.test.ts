import { expect } from 'chai';
import { parse } from 'yaml';
import { artefactsOf } from '../../../src/web/artefacts.js';
import { relativeTime } from '../../../src/web/time.js';

const INPUT = {
  id: 7,
  username: 'team+ci',
  secret: 'gldt-a_b-c',
  scopes: ['read_registry', 'read_repository'],
  owner: { kind: 'project', path: 'Tanuki/Awesome_Project' },
  only: null,
  publicUrl: 'https://pull.example.com:8443',
  registryHost: 'registry.example.com:5000',
  registryService: 'container_registry',
} as const;

function textOf(id: string): string {
  return artefactsOf(INPUT).find((artefact) => artefact.id === id)?.text ?? '';
}

describe('artefactsOf', () => {
  it('escapes the username in the clone address', () => {
    expect(textOf('git-clone')).to.equal(
      'git clone https://team%2Bci:gldt-a_b-c@pull.example.com:8443/Tanuki/Awesome_Project.git',
    );
  });

  it('names images in lower case', () => {
    expect(textOf('docker-pull')).to.equal(
      'docker pull registry.example.com:5000/tanuki/awesome_project:latest',
    );
  });

  it('writes a Kubernetes Secret whose data is a docker configuration', () => {
    const secret: unknown = parse(textOf('kubernetes'));
    const data = /\.dockerconfigjson: (\S+)/.exec(textOf('kubernetes'))?.[1] ?? '';

    expect(secret).to.deep.include({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pullgate-tanuki-awesome-project-7' },
      type: 'kubernetes.io/dockerconfigjson',
    });
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).to.deep.equal({
      auths: {
        'registry.example.com:5000/tanuki/awesome_project': {
          username: 'team+ci',
          password: 'gldt-a_b-c',
          auth: Buffer.from('team+ci:gldt-a_b-c').toString('base64'),
        },
      },
    });
  });

  for (const [what, reach, expected] of [
    [
      'a namespace',
      { owner: { kind: 'namespace', path: 'Tanuki' }, only: null },
      {
        key: 'registry.example.com:5000/tanuki',
        name: 'pullgate-tanuki-7',
        image: 'tanuki/PROJECT',
      },
    ],
    [
      'a namespace, narrowed',
      { owner: { kind: 'namespace', path: 'Tanuki' }, only: ['tanuki/api'] },
      { key: 'registry.example.com:5000/tanuki', name: 'pullgate-tanuki-7', image: 'tanuki/api' },
    ],
    [
      'the instance',
      { owner: { kind: 'instance' }, only: null },
      {
        key: 'registry.example.com:5000',
        name: 'pullgate-the-instance-7',
        image: 'NAMESPACE/PROJECT',
      },
    ],
  ] as const) {
    it(`says what a deploy token of ${what} pulls, and where the kubelet uses it`, () => {
      const texts = new Map(artefactsOf({ ...INPUT, ...reach }).map(({ id, text }) => [id, text]));

      expect(texts.get('docker-pull')).to.equal(
        `docker pull registry.example.com:5000/${expected.image}:latest`,
      );
      const data = /\.dockerconfigjson: (\S+)/.exec(texts.get('kubernetes') ?? '')?.[1] ?? '';
      expect(Buffer.from(data, 'base64').toString()).to.include(`{"${expected.key}":`);
      expect(texts.get('kubernetes')).to.include(`name: "${expected.name}"`);
      expect(texts.get('git-clone')).to.match(new RegExp(`/${expected.image}\\.git$`, 'u'));
    });
  }

  it('gives each deploy token a Secret of its own name, whatever Kubernetes makes of the path', () => {
    const paths = [
      'tanuki/awesome_project',
      'tanuki/awesome-project',
      'tanuki-awesome/project',
      `${'x'.repeat(199)}_/project`,
      `${'x'.repeat(199)}-/projects`,
    ];
    for (const artefact of ['kubernetes', 'external-secrets']) {
      const names = paths.map((path, index) => {
        const owner = { kind: 'project', path } as const;
        const made = artefactsOf({ ...INPUT, id: index + 1, owner });
        return /^ {2}name: "(.*)"$/m.exec(made.find(({ id }) => id === artefact)?.text ?? '')?.[1];
      });

      expect(new Set(names).size).to.equal(paths.length);
      for (const name of names) {
        expect(name).to.match(/^[a-z0-9](?:[a-z0-9-]{0,251}[a-z0-9])?$/);
      }
    }
  });

  it('leaves out what the scopes do not reach', () => {
    const ids = artefactsOf({ ...INPUT, scopes: ['read_repository'] }).map(({ id }) => id);

    expect(ids).to.deep.equal(['git-clone']);
  });
});

describe('relativeTime', () => {
  const now = new Date('2026-11-22T12:00:00Z');

  for (const [instant, expected] of [
    ['2026-11-26T00:00:00Z', 'in 3 days'],
    ['2026-11-22T11:59:30Z', 'just now'],
    ['2026-11-22T11:00:00Z', '1 hour ago'],
    ['2027-11-23T12:00:00Z', 'in 1 year'],
  ] as const) {
    it(`is "${expected}" for ${instant}`, () => {
      expect(relativeTime(new Date(instant), now)).to.equal(expected);
    });
  }
});
