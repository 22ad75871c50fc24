import type { ServiceState } from '../../../src/metrics/state-gauges.js';

export const NEW_YEAR = new Date('2032-01-01T00:00:00Z');

/** Of a service that is well, without HTTPS. */
export function aState(overrides: Partial<ServiceState> = {}): ServiceState {
  return {
    signingKeyNotAfter: () => NEW_YEAR,
    caNotAfter: () => NEW_YEAR,
    tlsNotAfter: () => null,
    pingDatabase: async () => await Promise.resolve(),
    poolLoad: () => ({ used: 3, waiting: 0, limit: 10 }),
    countDeployTokens: async () => await Promise.resolve({ active: 4, expiringSoon: 1 }),
    workers: 1,
    gitLoad: () => ({ running: 2, waiting: 3, limit: 8 }),
    lfsLoad: () => ({ running: 5, waiting: 6, limit: 32 }),
    isRegistryPathOpen: () => true,
    ...overrides,
  };
}
