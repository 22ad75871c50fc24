import { expect } from 'chai';
import type { User } from '../../../src/access/user.js';
import { DEPLOY_TOKENS, OWNED_PREFIXES } from '../../../src/store/lookups.js';
import type { Only } from '../../../src/store/table.js';
import type { UserRow } from '../../../src/store/tables.js';

const ROW = {
  id: 7,
  kind: 'secret',
  projectId: 3,
  namespaceId: null,
  namespacePath: null,
  only: null,
  name: 'ci',
  username: 'deploy-token-7',
  lookupKey: Buffer.alloc(32, 1),
  scopes: 'read_registry,unheard_of',
  expiresAt: null,
  createdAt: '1700000000000',
  createdBy: 1,
  suspendedAt: null,
  revokedAt: null,
  revokedBy: null,
};

describe('lookups', () => {
  it('select the columns that an entity has, by a unique one', () => {
    expect(OWNED_PREFIXES.select).to.equal(
      'SELECT i.prefix AS lookupKey, i.prefix AS prefix, p.id AS id, p.path AS path, ' +
        'p.visibility AS visibility, p.archived_at AS archivedAt, p.created_at AS createdAt ' +
        'FROM image_prefixes i JOIN projects p ON p.id = i.project_id WHERE i.prefix',
    );
  });

  it('read instants as numbers and as text, and let no digest leave the store', () => {
    const expected = {
      id: 7,
      kind: 'secret',
      owner: { kind: 'project', id: 3 },
      only: null,
      name: 'ci',
      username: 'deploy-token-7',
      scopes: ['read_registry'],
      expiresAt: null,
      createdAt: new Date(1_700_000_000_000),
      createdBy: 1,
      suspendedAt: null,
      revokedAt: null,
      revokedBy: null,
    };

    expect(DEPLOY_TOKENS.toEntity(ROW)).to.deep.equal(expected);
    expect(DEPLOY_TOKENS.toEntity({ ...ROW, createdAt: 1_700_000_000_000 })).to.deep.equal(
      expected,
    );
  });

  it('refuse a row that is not as the table says', () => {
    expect(() => DEPLOY_TOKENS.toEntity({ ...ROW, projectId: 'three' })).to.throw(/projectId/);
  });
});

describe('what leaves the store of a row', () => {
  it('is nothing but the entity, or it does not compile', () => {
    expect([careful, careless]).to.have.lengthOf(2);
  });
});

function careful({
  usernameKey: _key,
  passwordHash: _hash,
  removedAt: _removedAt,
  email: _email,
  note: _note,
  settings: _settings,
  ...user
}: UserRow): Only<User, UserRow> {
  return user;
}

function careless({ usernameKey: _key, ...user }: UserRow): Only<User, UserRow> {
  // @ts-expect-error the password hash is still in there
  return user;
}
