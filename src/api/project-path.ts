/**
 * Which path a new project gets. GitLab puts it into the namespace whose number was given, or into the
 * caller's own; namespaces have no numbers here, so they are named.
 */

import { wrongField, wrongParameters } from './errors.js';

export interface ProjectPathInput {
  readonly path?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace_path?: string | undefined;
  readonly namespace_id?: string | undefined;
}

export function requestedPath(input: ProjectPathInput, ownNamespace: string): string {
  const path = input.path ?? (input.name === undefined ? undefined : slugOf(input.name));
  if (path === undefined) {
    throw wrongParameters('name, path are missing, at least one parameter must be provided');
  }
  const namespace = namespaceIn(input);
  if (namespace !== null) {
    return `${namespace}/${path}`;
  }
  return path.includes('/') ? path : `${ownNamespace}/${path}`;
}

function namespaceIn(input: ProjectPathInput): string | null {
  const { namespace_path: path, namespace_id: id } = input;
  if (path !== undefined && id !== undefined) {
    throw wrongParameters('namespace_id, namespace_path are mutually exclusive');
  }
  // A script that was written for GitLab, and would make a namespace called 5 without meaning to.
  if (id !== undefined && /^\d+$/.test(id)) {
    throw wrongField(
      'namespace_id',
      'is a number, which namespaces have not here: give namespace_path, such as tanuki',
    );
  }
  return path ?? id ?? null;
}

/** As GitLab makes a path of a name: `Awesome Project` becomes `awesome-project`. */
function slugOf(name: string): string {
  return name.trim().toLowerCase().replaceAll(/\s+/g, '-');
}
