/** What a new deploy token is for, ready to paste. */

import type { DeployTokenScope } from '../access/deploy-token.js';
import { namespaceOf } from '../access/project.js';

export interface ArtefactInput {
  readonly username: string;
  readonly secret: string;
  readonly scopes: readonly DeployTokenScope[];
  readonly projectPath: string;
  readonly publicUrl: string;
  readonly registryHost: string;
}

export interface Artefact {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly text: string;
  /** To save it as, where a file is what one needs. */
  readonly fileName: string | null;
}

export function artefactsOf(input: ArtefactInput): Artefact[] {
  return [
    ...(input.scopes.includes('read_registry') ? registryArtefacts(input) : []),
    ...(input.scopes.includes('read_repository') ? [gitArtefact(input)] : []),
  ];
}

function registryArtefacts(input: ArtefactInput): Artefact[] {
  const { username, secret, registryHost, projectPath } = input;
  return [
    {
      id: 'docker-login',
      title: 'Log in with Docker',
      hint: 'The token is read from standard input, so that it is not in the list of processes.',
      text: `echo '${secret}' | docker login --username '${username}' --password-stdin ${registryHost}`,
      fileName: null,
    },
    {
      id: 'docker-pull',
      title: 'Pull an image',
      hint: 'Any repository of this project, with the tag that you need.',
      text: `docker pull ${imageName(registryHost, projectPath)}:latest`,
      fileName: null,
    },
    {
      id: 'kubernetes',
      title: 'Kubernetes',
      hint: 'An image pull secret: kubectl apply -f it, and name it in imagePullSecrets.',
      text: kubernetesSecret(input),
      fileName: 'pullgate-secret.yaml',
    },
    {
      id: 'docker-config',
      title: 'Docker configuration',
      hint: 'For ~/.docker/config.json, where docker login cannot be run.',
      text: dockerConfig(input, 2),
      fileName: null,
    },
  ];
}

function gitArtefact({ username, secret, projectPath, publicUrl }: ArtefactInput): Artefact {
  const { protocol, host } = new URL(publicUrl);
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(secret)}`;
  return {
    id: 'git-clone',
    title: 'Clone with Git',
    hint: 'Git keeps this address, token included, in the clone’s .git/config.',
    text: `git clone ${protocol}//${login}@${host}/${projectPath}.git`,
    fileName: null,
  };
}

export function imageName(registryHost: string, projectPath: string): string {
  return `${registryHost}/${namespaceOf(projectPath)}`;
}

function dockerConfig({ username, secret, registryHost }: ArtefactInput, indent: number): string {
  const auth = Buffer.from(`${username}:${secret}`).toString('base64');
  return JSON.stringify(
    { auths: { [registryHost]: { username, password: secret, auth } } },
    null,
    indent,
  );
}

/** JSON strings are YAML strings too, so nothing in a name can break out of its line. */
function kubernetesSecret(input: ArtefactInput): string {
  const data = Buffer.from(dockerConfig(input, 0)).toString('base64');
  const name = `pullgate-${namespaceOf(input.projectPath).replaceAll(/[^a-z0-9]+/g, '-')}`
    .slice(0, 200)
    .replace(/-+$/, '');
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    'type: kubernetes.io/dockerconfigjson',
    'data:',
    `  .dockerconfigjson: ${data}`,
    '',
  ].join('\n');
}
