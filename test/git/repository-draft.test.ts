import { expect } from 'chai';
import { openRepositories } from '../../src/repositories/repositories.js';
import { temporaryFolder } from '../support/run.js';

describe('a repository on its way to its place', () => {
  it('moves on when the transaction that makes its project is repeated with another id', async () => {
    const folder = await temporaryFolder('pullgate-draft');
    const repositories = openRepositories(folder.path, process.env['PATH'] ?? '');
    const draft = await repositories.prepareEmpty('', 'main');

    await draft.place(7);
    await draft.place(8);
    await draft.place(8);
    await draft.discard();

    const places = [await repositories.find(7), await repositories.find(8)];
    await folder.remove();
    expect(places).to.deep.equal([null, `${folder.path}/8.git`]);
  });
});
