import { expect } from 'chai';
import { formatScope, parseScopes } from '../../../src/access/scope.js';

describe('parseScopes', () => {
  const WELL_FORMED = [
    ['repository:acme/shop:pull', 'repository', 'acme/shop', ['pull']],
    ['repository:acme/shop:pull,push', 'repository', 'acme/shop', ['pull', 'push']],
    ['repository:acme/shop:push,pull', 'repository', 'acme/shop', ['push', 'pull']],
    ['repository:acme/shop:pull,pull', 'repository', 'acme/shop', ['pull']],
    ['repository:acme/shop:*', 'repository', 'acme/shop', ['*']],
    ['repository:acme/shop:*,pull', 'repository', 'acme/shop', ['*', 'pull']],
    ['registry:catalog:*', 'registry', 'catalog', ['*']],
    ['repository:host:5000/acme/shop:pull', 'repository', 'host:5000/acme/shop', ['pull']],
    ['repository(plugin):acme/shop:pull', 'repository', 'acme/shop', ['pull']],
    ['repository:ACME/Shop:pull', 'repository', 'ACME/Shop', ['pull']],
    ['repository:acme/shop:pull:push', 'repository', 'acme/shop:pull', ['push']],
    ['anything9:acme/shop:frobnicate', 'anything9', 'acme/shop', ['frobnicate']],
    [
      'repository:acme/shop:pull,metadata_read',
      'repository',
      'acme/shop',
      ['pull', 'metadata_read'],
    ],
    ['repository:acme/shop:pull,PULL', 'repository', 'acme/shop', ['pull', 'PULL']],
    ['repository:acme/shop:pull,', 'repository', 'acme/shop', ['pull']],
    ['repository:acme/shop:,pull', 'repository', 'acme/shop', ['pull']],
    ['repository:acme/shop:pull,,push', 'repository', 'acme/shop', ['pull', 'push']],
    ['repository:acme/shop:pull2', 'repository', 'acme/shop', ['pull2']],
  ] as const;

  for (const [text, type, name, actions] of WELL_FORMED) {
    it(`reads ${text}`, () => {
      expect(parseScopes([text])).to.deep.equal([{ type, name, actions }]);
    });
  }

  for (const text of [
    '',
    ' ',
    'repository',
    'repository:acme/shop',
    'repository::pull',
    ':acme/shop:pull',
    'repository:acme/shop:',
    'repository:acme/shop:,',
    'Repository:acme/shop:pull',
    'repository():acme/shop:pull',
    'repository(plugin:acme/shop:pull',
    'repository (plugin):acme',
    'xrepository(a)b:acme/shop:pull',
    '-repository:acme/shop:pull',
    'repository:acme/shop:pull\n',
    '\nrepository:acme/shop:pull',
    'repository:acme\t/shop:pull',
    'repository:acme\u00a0/shop:pull',
  ]) {
    it(`leaves out ${JSON.stringify(text)}`, () => {
      expect(parseScopes([text])).to.deep.equal([]);
    });
  }

  it('takes nothing for nothing', () => {
    expect(parseScopes([])).to.deep.equal([]);
  });

  it('reads several values and several scopes in one value alike', () => {
    const apart = parseScopes(['repository:a/b:pull', 'repository:c/d:push']);
    const together = parseScopes(['repository:a/b:pull  repository:c/d:push ']);

    expect(together).to.deep.equal(apart);
    expect(together.map(({ name }) => name)).to.deep.equal(['a/b', 'c/d']);
  });

  it('merges what is asked for one resource, in the order of the first', () => {
    expect(
      parseScopes([
        'repository:a/b:pull repository:c/d:pull',
        'repository(plugin):a/b:push,pull',
        'repository:a/b:pull',
      ]),
    ).to.deep.equal([
      { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
      { type: 'repository', name: 'c/d', actions: ['pull'] },
    ]);
  });

  it('keeps resources of two types with one name apart', () => {
    expect(parseScopes(['registry:catalog:* repository:catalog:pull'])).to.deep.equal([
      { type: 'registry', name: 'catalog', actions: ['*'] },
      { type: 'repository', name: 'catalog', actions: ['pull'] },
    ]);
  });

  it('reads the good ones among the bad', () => {
    expect(parseScopes(['nonsense repository:a/b:pull :::'])).to.deep.equal([
      { type: 'repository', name: 'a/b', actions: ['pull'] },
    ]);
  });
});

describe('formatScope', () => {
  it('writes type, name and actions as the registry asks for them', () => {
    const entry = { type: 'repository', name: 'host:5000/a/b', actions: ['pull', 'push'] };

    expect(formatScope(entry)).to.equal('repository:host:5000/a/b:pull,push');
  });
});
