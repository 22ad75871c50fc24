/** Defines tests where they can run; elsewhere standard error says which are left out, and what they need. */
export function definedWhere(
  isPossible: boolean,
  { tests, need }: { readonly tests: string; readonly need: string },
  define: () => void,
): void {
  if (isPossible) {
    define();
  } else {
    process.stderr.write(`Left out: ${tests}. Needs ${need}.\n`);
  }
}

export const IS_ROOT = process.getuid?.() === 0;
