import { collect, type CollectDeps } from './collect.js';
import { diagnose } from './diagnose.js';
import type { Finding } from './finding.js';

export type { CollectDeps } from './collect.js';
export { isPathOpen, type Check, type Finding } from './finding.js';

/** What is wrong between clients, the registry and this Pullgate; nothing where all is well. */
export async function examine(deps: CollectDeps): Promise<readonly Finding[]> {
  return diagnose(await collect(deps));
}
