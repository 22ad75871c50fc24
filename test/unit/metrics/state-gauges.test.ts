import { expect } from 'chai';
import { Registry } from 'prom-client';
import { addStateGauges, type ServiceState } from '../../../src/metrics/state-gauges.js';
import { aState, NEW_YEAR } from './service-state.js';

async function fails(): Promise<never> {
  return await Promise.reject(new Error('mysql://user:a-secret@db/pullgate does not answer'));
}

async function samplesOf(state: ServiceState, registry = new Registry()): Promise<string[]> {
  addStateGauges(registry, state);
  return await samplesIn(registry);
}

async function samplesIn(registry: Registry): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('addStateGauges', () => {
  it('tells when the certificate expires that HTTPS is served with', async () => {
    const samples = await samplesOf(aState({ tlsNotAfter: () => NEW_YEAR }));

    expect(samples).to.include(
      `pullgate_tls_certificate_expiry_timestamp_seconds ${NEW_YEAR.getTime() / 1000}`,
    );
  });

  it('leaves out what nobody can tell: no certificate, no pool, no count', async () => {
    const samples = await samplesOf(
      aState({ tlsNotAfter: () => null, poolLoad: () => null, countDeployTokens: fails }),
    );

    expect(samples.join('\n')).not.to.match(
      /tls_certificate|database_connections|database_queue|deploy_tokens/,
    );
  });

  it('tells the load of the pool without its own questions to the database', async () => {
    let asked = 0;
    const samples = await samplesOf(
      aState({
        pingDatabase: async () => {
          asked += 1;
          await Promise.resolve();
        },
        countDeployTokens: async () => {
          asked += 1;
          return await Promise.resolve({ active: 4, expiringSoon: 1 });
        },
        poolLoad: () => ({ used: asked, waiting: asked, limit: 10 }),
      }),
    );

    expect(asked).to.be.above(0);
    expect(samples).to.include('pullgate_database_connections 0');
    expect(samples).to.include('pullgate_database_queue 0');
  });

  it('tells whether the way over the registry is open, and nothing before it was looked at', async () => {
    expect(await tell(true)).to.contain('pullgate_registry_path_ok 1');
    expect(await tell(false)).to.contain('pullgate_registry_path_ok 0');
    expect(await tell(null)).not.to.contain('pullgate_registry_path_ok');
  });

  it('goes on telling the rest while the database is away, and nothing of its error', async () => {
    const samples = await samplesOf(aState({ pingDatabase: fails, countDeployTokens: fails }));

    expect(samples).to.include('pullgate_database_up 0');
    expect(samples).to.include('pullgate_git_queue 3');
    expect(samples.join('\n')).not.to.contain('secret');
  });

  it('tells no count of before while the database is away, and a new one when it is back', async () => {
    let isAway = false;
    const registry = new Registry();
    const whileUp = await samplesOf(
      aState({
        countDeployTokens: async () => (isAway ? await fails() : { active: 4, expiringSoon: 1 }),
      }),
      registry,
    );

    isAway = true;
    const whileAway = await samplesIn(registry);
    isAway = false;
    const afterwards = await samplesIn(registry);

    expect(whileUp).to.include('pullgate_deploy_tokens_active 4');
    expect(whileAway.join('\n')).not.to.contain('pullgate_deploy_tokens_active');
    expect(afterwards).to.deep.equal(whileUp);
  });
});

async function tell(isOpen: boolean | null): Promise<string> {
  return (await samplesOf(aState({ isRegistryPathOpen: () => isOpen }))).join('\n');
}
