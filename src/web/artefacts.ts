/** What a new deploy token is for, ready to paste. */

import type { DeployTokenScope } from '../access/deploy-token.js';
import { namespaceOf } from '../access/project.js';
import { ownerText, type OwnerName } from './owner.js';

export interface ArtefactInput {
  /** Of the deploy token. */
  readonly id: number;
  readonly username: string;
  readonly secret: string;
  readonly scopes: readonly DeployTokenScope[];
  readonly owner: OwnerName;
  /** What it is narrowed to. */
  readonly only: readonly string[] | null;
  readonly publicUrl: string;
  readonly registryHost: string;
  /** What the registry calls itself to the token door. */
  readonly registryService: string;
}

export interface Artefact {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly text: string;
  /** To save it as, where a file is what one needs. */
  readonly fileName: string | null;
}

export type ArtefactId =
  | 'docker'
  | 'kubernetes'
  | 'compose'
  | 'gitlab'
  | 'github'
  | 'terraform'
  | 'external-secrets'
  | 'git';

/** What one place needs, under one tab. */
export interface ArtefactGroup {
  readonly id: ArtefactId;
  readonly label: string;
  readonly artefacts: readonly Artefact[];
}

/** Of what the scopes reach. */
export function artefactGroups(input: ArtefactInput): ArtefactGroup[] {
  return [
    ...(input.scopes.includes('read_registry') ? registryGroups(input) : []),
    ...(input.scopes.includes('read_repository')
      ? [{ id: 'git', label: 'git', artefacts: [gitArtefact(input)] } as const]
      : []),
  ];
}

export function artefactsOf(input: ArtefactInput): Artefact[] {
  return artefactGroups(input).flatMap(({ artefacts }) => artefacts);
}

function registryGroups(input: ArtefactInput): ArtefactGroup[] {
  return [
    { id: 'docker', label: 'Docker', artefacts: dockerArtefacts(input) },
    { id: 'kubernetes', label: 'Kubernetes', artefacts: [kubernetesArtefact(input)] },
    { id: 'compose', label: 'Compose', artefacts: [composeArtefact(input)] },
    { id: 'gitlab', label: 'GitLab CI', artefacts: [gitlabArtefact(input)] },
    { id: 'github', label: 'GitHub Actions', artefacts: [githubArtefact(input)] },
    { id: 'terraform', label: 'Terraform', artefacts: [terraformArtefact(input)] },
    {
      id: 'external-secrets',
      label: 'External Secrets',
      artefacts: [externalSecretArtefact(input)],
    },
  ];
}

function dockerArtefacts(input: ArtefactInput): Artefact[] {
  const { registryHost, owner } = input;
  return [
    {
      id: 'docker-login',
      title: 'Log in with Docker',
      hint: 'The secret is read from standard input, so it is not in the list of processes.',
      text: dockerLogin(input),
      fileName: null,
    },
    {
      id: 'docker-pull',
      title: 'Pull an image',
      hint:
        owner.kind === 'project'
          ? 'Any repository of this project, with the tag that you need.'
          : 'Any repository of the projects that it reaches, with the tag that you need.',
      text: `docker pull ${registryHost}/${exampleImage(input)}:latest`,
      fileName: null,
    },
    {
      id: 'docker-config',
      title: 'Docker configuration',
      hint: 'For ~/.docker/config.json, where docker login cannot be run.',
      text: JSON.stringify(dockerConfig(input, registryHost), null, 2),
      fileName: null,
    },
  ];
}

function dockerLogin({ username, secret, registryHost }: ArtefactInput): string {
  return `echo '${secret}' | docker login --username '${username}' --password-stdin ${registryHost}`;
}

function kubernetesArtefact(input: ArtefactInput): Artefact {
  return {
    id: 'kubernetes',
    title: 'Image pull secret',
    hint:
      'Apply it in the namespace of the pods with kubectl apply -f, then name it in ' +
      'imagePullSecrets. The path in its key keeps it apart from other secrets for the same registry.',
    text: kubernetesSecret(input),
    fileName: 'pullgate-secret.yaml',
  };
}

function composeArtefact(input: ArtefactInput): Artefact {
  return {
    id: 'compose',
    title: 'On the host',
    hint: 'Sign in once on the host. Compose uses the same credentials.',
    text: `${dockerLogin(input)}\ndocker compose pull`,
    fileName: null,
  };
}

function gitlabArtefact({ registryHost, username }: ArtefactInput): Artefact {
  return {
    id: 'gitlab',
    title: '.gitlab-ci.yml',
    hint: 'Save the secret as the masked CI/CD variable PULL_TOKEN of your project or group first.',
    text: [
      'before_script:',
      `  - echo "$PULL_TOKEN" | docker login --username '${username}' --password-stdin ${registryHost}`,
    ].join('\n'),
    fileName: null,
  };
}

function githubArtefact({ registryHost, username }: ArtefactInput): Artefact {
  return {
    id: 'github',
    title: 'Workflow step',
    hint: 'Save the secret as PULL_TOKEN first, under Settings › Secrets and variables › Actions of your repository.',
    text: [
      '- uses: docker/login-action@v3',
      '  with:',
      `    registry: ${registryHost}`,
      `    username: ${username}`,
      '    password: ${{ secrets.PULL_TOKEN }}',
    ].join('\n'),
    fileName: null,
  };
}

function terraformArtefact({ registryHost, username }: ArtefactInput): Artefact {
  return {
    id: 'terraform',
    title: 'Provider of Docker',
    hint: 'Set the secret as TF_VAR_pull_token, or in the variables of your workspace: not in a file.',
    text: [
      'variable "pull_token" {',
      '  type      = string',
      '  sensitive = true',
      '}',
      '',
      'provider "docker" {',
      '  registry_auth {',
      `    address  = ${JSON.stringify(registryHost)}`,
      `    username = ${JSON.stringify(username)}`,
      '    password = var.pull_token',
      '  }',
      '}',
    ].join('\n'),
    fileName: null,
  };
}

function externalSecretArtefact(input: ArtefactInput): Artefact {
  const config = dockerConfig({ ...input, secret: '{{ .token }}' }, authKey(input));
  const [[key, { username, password }] = ['', { username: '', password: '' }]] = Object.entries(
    config.auths,
  );
  return {
    id: 'external-secrets',
    title: 'ExternalSecret',
    hint: 'Save the secret in your store first; name the store and the key in it.',
    text: [
      'apiVersion: external-secrets.io/v1',
      'kind: ExternalSecret',
      'metadata:',
      `  name: ${JSON.stringify(secretName(input))}`,
      'spec:',
      '  refreshInterval: 1h',
      '  secretStoreRef:',
      '    kind: ClusterSecretStore',
      '    name: your-store',
      '  target:',
      '    template:',
      '      type: kubernetes.io/dockerconfigjson',
      '      data:',
      `        .dockerconfigjson: '${JSON.stringify({ auths: { [key]: { username, password } } })}'`,
      '  data:',
      '    - secretKey: token',
      '      remoteRef:',
      `        key: ${JSON.stringify(`pullgate/${pathOf(input) ?? 'instance'}`)}`,
      '',
    ].join('\n'),
    fileName: 'pullgate-external-secret.yaml',
  };
}

/**
 * Asks what a client asks first. The username and the secret are in the standard input of curl, so they
 * are not in the list of processes.
 */
export function checkOf(input: ArtefactInput): Artefact {
  const { username, secret } = input;
  return {
    id: 'verify',
    title: 'Verify',
    hint: 'Run it where the deploy token is used. It prints 200 if the username and the secret are right, and 401 if they are not.',
    text: [
      "curl --silent --show-error --config - <<'END'",
      `user = "${username}:${secret}"`,
      `url = "${checkedUrl(input)}"`,
      'output = "/dev/null"',
      'write-out = "%{http_code}\\n"',
      'END',
    ].join('\n'),
    fileName: null,
  };
}

function checkedUrl(input: ArtefactInput): string {
  const { scopes, publicUrl, owner, registryService } = input;
  if (!scopes.includes('read_registry')) {
    return `${publicUrl}/${exampleOf(input)}.git/info/refs?service=git-upload-pack`;
  }
  const asked = `${publicUrl}/token?service=${encodeURIComponent(registryService)}`;
  return owner.kind === 'project'
    ? `${asked}&scope=repository:${namespaceOf(owner.path)}:pull`
    : asked;
}

/** The path of a project that it reaches; in capitals what the reader has to put in. */
function exampleOf(input: ArtefactInput): string {
  const { owner, only } = input;
  return owner.kind === 'project'
    ? owner.path
    : (only?.[0] ?? `${pathOf(input) ?? 'NAMESPACE'}/PROJECT`);
}

/** Image names have no capitals, but for what the reader has to put in. */
function exampleImage(input: ArtefactInput): string {
  const { owner } = input;
  return owner.kind === 'project' ? namespaceOf(owner.path) : exampleOf(input);
}

/** The path that all it reaches lies at or below, in lower case; null for the instance. */
function pathOf({ owner }: Pick<ArtefactInput, 'owner'>): string | null {
  return owner.kind === 'instance' ? null : namespaceOf(owner.path);
}

function gitArtefact(input: ArtefactInput): Artefact {
  const { username, secret, publicUrl } = input;
  const { protocol, host } = new URL(publicUrl);
  const login = `${encodeURIComponent(username)}:${encodeURIComponent(secret)}`;
  return {
    id: 'git-clone',
    title: 'Clone with Git',
    hint: 'Git keeps this address, token included, in the clone’s .git/config.',
    text: `git clone ${protocol}//${login}@${host}/${exampleOf(input)}.git`,
    fileName: null,
  };
}

export function imageName(registryHost: string, projectPath: string): string {
  return `${registryHost}/${namespaceOf(projectPath)}`;
}

interface DockerConfig {
  readonly auths: Readonly<
    Record<string, { readonly username: string; readonly password: string; readonly auth: string }>
  >;
}

function dockerConfig({ username, secret }: ArtefactInput, key: string): DockerConfig {
  const auth = Buffer.from(`${username}:${secret}`).toString('base64');
  return { auths: { [key]: { username, password: secret, auth } } };
}

/** With the path, which keeps secrets for one registry apart; the kubelet cuts `/v1/` and `/v2/` off keys. */
function authKey(input: ArtefactInput): string {
  const path = pathOf(input);
  return path === null || /^v[12](?:\/|$)/.test(path)
    ? input.registryHost
    : `${input.registryHost}/${path}`;
}

/**
 * Several paths become the same name, and `kubectl apply` would replace the Secret of one by that of another:
 * the number tells them apart.
 */
function secretName({ id, owner }: ArtefactInput): string {
  const path = namespaceOf(ownerText(owner)).replaceAll(/[^a-z0-9]+/g, '-');
  return `pullgate-${path.slice(0, 200).replace(/-+$/, '')}-${id}`;
}

/** JSON strings are YAML strings too, so nothing in a name can break out of its line. */
function kubernetesSecret(input: ArtefactInput): string {
  const config = JSON.stringify(dockerConfig(input, authKey(input)));
  return [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    `  name: ${JSON.stringify(secretName(input))}`,
    'type: kubernetes.io/dockerconfigjson',
    'data:',
    `  .dockerconfigjson: ${Buffer.from(config).toString('base64')}`,
    '',
  ].join('\n');
}
