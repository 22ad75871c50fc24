import { fileURLToPath } from 'node:url';

/** The hooks of every repository, see githooks(5): scripts, which a build leaves where they are. */
export const HOOKS_FOLDER = fileURLToPath(
  new URL('../../../src/repositories/hooks', import.meta.url),
);
