import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { settingsFor } from '../support/database.js';
import { lookUpDeployToken } from '../support/lookups.js';
import { startGalera, type GaleraCluster } from '../support/galera.js';
import {
  createByForm,
  namesOfTokens,
  putUnderLoad,
  signedInAt,
  startReplicas,
  tokenStatus,
  type Replicas,
  type TestToken,
} from '../support/replicas.js';
import { eventually } from '../support/run.js';
import { projectsIn } from '../support/rows.js';

const PROJECT = 'tanuki/awesome_project';

describe('three nodes of Galera under two replicas', () => {
  let cluster: GaleraCluster;
  let url: string;
  let replicas: Replicas;
  let token: TestToken;

  before(async () => {
    cluster = await startGalera();
    url = await cluster.createDatabase();
    replicas = await startReplicas(url);
    await replicas.addProject(PROJECT);
    token = await replicas.addToken(PROJECT);
  });

  after(async () => {
    await replicas?.stop();
    await cluster?.stop();
  });

  /** Over one node alone, whichever the others use. */
  async function storeAtNode(number: 0 | 1 | 2): Promise<Store> {
    const one = url.replace(/@[^/]+/, `@127.0.0.1:${cluster.nodes[number].port}`);
    return (await openCurrentStore(settingsFor(one), { migrate: false })).store;
  }

  it('never read a revoked token as alive on another node, 200 times in a row', async () => {
    const [first, second] = [await storeAtNode(0), await storeAtNode(1)];
    const project = await first.projects.findByPath(PROJECT);
    const seen = new Set<boolean>();

    for (let turn = 0; turn < 200; turn += 1) {
      const { id, secret } = await replicas.addToken(PROJECT);
      await first.write(async ({ deployTokens }) => {
        await deployTokens.revoke(id, new Date(), null);
      });
      const digest = createHash('sha256').update(secret).digest();
      seen.add((await lookUpDeployToken(second, digest))?.revokedAt === null);
      seen.add((await second.deployTokens.findById(id))?.revokedAt === null);
    }

    await first.close();
    await second.close();
    expect(project?.path).to.equal(PROJECT);
    expect([...seen]).to.deep.equal([false]);
  });

  it('keep a rule over several rows when two nodes write at once: what conflicts is repeated', async () => {
    const stores = [await storeAtNode(0), await storeAtNode(1), await storeAtNode(2)];
    const attempts: number[] = [];

    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, number) => {
        const store = stores[number % stores.length];
        // Ten paths, three times each, on three nodes.
        const path = `race/project_${number % 10}`;
        return await store?.write(async ({ projects }) => {
          attempts.push(number);
          if ((await projects.findPrefixInTheWay(path)) !== null) {
            return 0;
          }
          await projects.add({ path, visibility: 'private', createdAt: new Date() });
          return 1;
        });
      }),
    );

    const paths = (await projectsIn(replicas.store)).map(({ path }) => path);
    await Promise.all(stores.map(async (store) => await store.close()));
    process.stderr.write(`      30 writes took ${attempts.length} attempts\n`);
    expect(outcomes.filter((outcome) => outcome === 1)).to.have.lengthOf(10);
    expect(paths.filter((path) => path.startsWith('race/'))).to.have.lengthOf(10);
    expect(attempts.length).to.be.greaterThan(30);
  });

  it('go on writing and issuing through the others when the node in use is killed, and with it again', async () => {
    const [a, b] = replicas.all;
    const client = await signedInAt(a);
    const load = putUnderLoad([a, b], token);
    const shown = [await createByForm(client, PROJECT, 'before')];

    await cluster.nodes[0].kill();
    const killedAt = performance.now();
    await eventually(
      'a creation without the killed node',
      async () => await createByForm(client, PROJECT, `without ${shown.length}`).catch(() => null),
      (made) => made !== null && shown.push(made) > 0,
    );
    const writesAfterMs = Math.round(performance.now() - killedAt);
    const during = await Promise.all([tokenStatus(a, token), tokenStatus(b, token)]);
    await cluster.nodes[0].startAgain();
    shown.push(await createByForm(client, PROJECT, 'again'));
    await cluster.nodes[1].kill();
    await eventually(
      'answers without the second node',
      async () => await Promise.all([tokenStatus(a, token), tokenStatus(b, token)]),
      (statuses) => statuses.every((status) => status === 200),
    );

    await load.stop();
    await cluster.nodes[1].startAgain();
    const statuses = load.statuses();
    process.stderr.write(
      `      ${JSON.stringify(statuses)}, written again after ${writesAfterMs} ms, ` +
        `slowest answer ${load.slowestMs()} ms\n`,
    );
    const own = await storeAtNode(0);
    const made = await namesOfTokens({ store: own }, [PROJECT]);
    await own.close();
    expect(during).to.deep.equal([200, 200]);
    expect(Object.keys(statuses)).to.include('200').and.not.include.oneOf(['none', '401', '500']);
    expect(made).to.include.members(['before', 'again']);
    expect(new Set(shown.map(({ secret }) => secret)).size).to.equal(shown.length);
    for (const login of shown) {
      expect(await tokenStatus(b, { ...login, id: 0, project: PROJECT })).to.equal(200);
    }
  });

  it('are left by the replicas for one with a majority, when a node is cut off from the others', async () => {
    const [a] = replicas.all;
    // The other two of the cluster vanish: the node that is left must not answer from what it has.
    cluster.nodes[1].freeze();
    cluster.nodes[2].freeze();
    await eventually(
      'the node without a majority refusing to serve',
      async () => await tokenStatus(a, token),
      (status) => status === 503,
    );

    cluster.nodes[1].thaw();
    cluster.nodes[2].thaw();
    await eventually(
      'the cluster serving again',
      async () => await tokenStatus(a, token),
      (status) => status === 200,
    );
  });
});
