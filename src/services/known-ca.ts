/**
 * The registry trusts one CA. Which one, the database remembers: a folder of keys that was lost, or is
 * another one, would otherwise make JWTs that the registry refuses, while everything here looks well.
 */

import { AppError } from '../access/errors.js';
import type { OperatorActor } from '../access/actor.js';
import type { InstanceStore } from '../store/instance-store.js';
import type { Store } from '../store/open-store.js';
import { writeAs, type WritingDeps } from './writing.js';

/** Null until a service has started once. */
export async function knownCa({ instance }: { instance: InstanceStore }): Promise<string | null> {
  return (await instance.read()).caFingerprint;
}

/** At the first start; of replicas that start together one is first, and the others must have its CA. */
export async function rememberCa(store: Store, fingerprint: string): Promise<void> {
  if ((await knownCa(store)) === fingerprint) {
    return;
  }
  await store.write(async ({ instance }) => {
    const known = await knownCa({ instance });
    if (known === null) {
      await instance.setCaFingerprint(fingerprint);
    } else if (known !== fingerprint) {
      throw new AppError(
        'unavailable',
        'Another process has started with another CA. All replicas need the same certs folder.',
      );
    }
  });
}

/** Asked again and again: the operator may have accepted another CA, which some replicas do not have yet. */
export async function caProblem(store: Store, fingerprint: string): Promise<string | null> {
  const known = await knownCa(store);
  return known === null || known === fingerprint
    ? null
    : 'the CA is not the one that the registry was given: restart with the same certs folder as the others';
}

/** The operator says that the registry is given this CA now. */
export async function acceptCa(
  deps: WritingDeps,
  operator: OperatorActor,
  fingerprint: string,
): Promise<void> {
  await writeAs(deps, operator, async ({ stores, record }) => {
    await stores.instance.setCaFingerprint(fingerprint);
    await record({ action: 'ca_accepted', subject: { id: null, name: fingerprint } });
  });
}
