import type { DeployToken } from '../../src/access/deploy-token.js';
import type { Project } from '../../src/access/project.js';
import type { Store } from '../../src/store/open-store.js';

export async function lookUpDeployToken(
  { lookUp }: Pick<Store, 'lookUp'>,
  digest: Buffer,
): Promise<DeployToken | null> {
  const secretDigest = digest.toString('base64');
  return (await lookUp({ secretDigest, prefixes: [] })).deployToken;
}

export async function lookUpProjects(
  { lookUp }: Pick<Store, 'lookUp'>,
  prefixes: readonly string[],
): Promise<readonly Project[]> {
  const { owned } = await lookUp({ secretDigest: null, prefixes });
  return owned.map(({ project }) => project);
}
