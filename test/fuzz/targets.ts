import { apiReadTarget, apiWriteTarget } from './api-door.js';
import { gitDoorTargets } from './git-door.js';
import { plainDoorTargets } from './plain-doors.js';
import type { FuzzTarget } from './target.js';
import { tokenDoorTargets } from './token-door.js';
import { webDoorTargets } from './web-door.js';
import type { World } from './world.js';

/** Every door of a running service. Those that change the world come last. */
export async function doorTargets(world: World): Promise<FuzzTarget[]> {
  return [
    ...tokenDoorTargets(world),
    ...gitDoorTargets(world),
    ...plainDoorTargets(world),
    apiReadTarget(world),
    ...(await webDoorTargets(world)),
    apiWriteTarget(world),
  ];
}
