import type { CliContext } from '../cli/context.js';
export async function quickstart(_c: CliContext, _o: { readonly check: boolean }): Promise<void> {
  await Promise.resolve();
}
