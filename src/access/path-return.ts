import type { Actor } from './actor.js';
import { isAllowed, isAllowedOnInstance } from './permissions.js';
import type { Project } from './project.js';
import { roleInProject } from './role.js';

/**
 * When the actor may give the path of a project back along with it: at once, or if the registry holds
 * nothing there, which whoever makes the next project of that path could pull. Null for never.
 */
export function mayFreePath(actor: Actor, project: Project): 'at_once' | 'if_empty' | null {
  if (isAllowedOnInstance(actor, 'administer')) {
    return 'at_once';
  }
  const isOwner = actor.kind === 'user' && roleInProject(actor.roles, project) === 'owner';
  return isOwner && isAllowed(actor, 'manage', project) ? 'if_empty' : null;
}
