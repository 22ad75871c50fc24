import { expect } from 'chai';
import { tokenVariants } from '../../../src/doctor/token-variants.js';

const OWN = {
  issuer: 'pullgate',
  service: 'container_registry',
  registryHost: 'registry.example.com',
  realm: 'https://pullgate.example.com/token',
};
const CONFIGURED = { issuer: 'pullgate', service: 'container_registry', secondsAhead: 0 };

describe('tokenVariants', () => {
  it('tries what is configured, then what the registry gives away, then other issuers', () => {
    const [first, second, ...others] = tokenVariants(
      OWN,
      { realm: OWN.realm, service: 'other' },
      600,
    );

    const corrected = { issuer: 'pullgate', service: 'other', secondsAhead: 600 };
    expect([first, second]).to.deep.equal([CONFIGURED, corrected]);
    expect(others.map(({ issuer }) => issuer)).to.include.members(['gitlab-issuer', 'other']);
    expect(others.map(({ issuer }) => issuer)).not.to.include('pullgate');
    expect(
      others.every(({ service, secondsAhead }) => service === 'other' && secondsAhead === 600),
    ).to.equal(true);
  });

  it('corrects nothing where service and clock are right', () => {
    const { service, realm } = OWN;
    const [first, second] = tokenVariants(OWN, { realm, service }, 2);

    expect(first).to.deep.equal(CONFIGURED);
    expect(second?.issuer).not.to.equal('pullgate');
  });
});
