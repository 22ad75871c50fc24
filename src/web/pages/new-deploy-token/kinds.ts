import type { DeployTokenScope } from '../../../access/deploy-token.js';
import type { ArtefactId } from '../../artefacts.js';
import type { Choice } from '../../parts/choices.js';

interface Kind extends Choice {
  readonly hint: string;
  /** Without these it would be of no use; null where nobody can tell. */
  readonly needs: readonly DeployTokenScope[] | null;
  /** What is shown first beside the secret. */
  readonly artefact: ArtefactId;
}

/** Who uses a deploy token: chooses what it needs, and what to do with the secret. */
export const KINDS = [
  {
    value: 'kubernetes',
    label: 'Kubernetes',
    icon: 'ship-wheel',
    hint: 'A cluster that pulls images.',
    needs: ['read_registry'],
    artefact: 'kubernetes',
  },
  {
    value: 'server',
    label: 'Server',
    icon: 'server',
    hint: 'docker, podman or Compose on a host.',
    needs: ['read_registry'],
    artefact: 'docker',
  },
  {
    value: 'github',
    label: 'GitHub Actions',
    icon: 'workflow',
    hint: 'A workflow, by a secret of its repository.',
    needs: ['read_registry'],
    artefact: 'github',
  },
  {
    value: 'gitlab',
    label: 'GitLab CI',
    icon: 'workflow',
    hint: 'Jobs, by a masked variable.',
    needs: ['read_registry'],
    artefact: 'gitlab',
  },
  {
    value: 'git',
    label: 'Git clone',
    icon: 'git-branch',
    hint: 'Flux, Argo CD, a mirror.',
    needs: ['read_repository'],
    artefact: 'git',
  },
  {
    value: 'other',
    label: 'Something else',
    icon: 'terminal',
    hint: 'A username and a secret.',
    needs: null,
    artefact: 'docker',
  },
] as const satisfies readonly Kind[];

export type KindName = (typeof KINDS)[number]['value'];

export function kindOf(value: string): Kind | null {
  return KINDS.find((kind) => kind.value === value) ?? null;
}
