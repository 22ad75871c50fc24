/**
 * The linter's rules for the directions of imports, made of scripts/import-directions.json: what each
 * folder and file of src may import, as a value and as a type. Whatever it does not list is refused.
 */

const NOT_OURS = ['src', 'test'];

/** An oxlint configuration that .oxlintrc.json extends. */
export function importRules(directions) {
  const overrides = Object.keys(directions).map((place) => ({
    files: [isFile(place) ? `src/${place}` : `src/${place}/**`],
    rules: { 'no-restricted-imports': ['error', { patterns: patterns(place, directions) }] },
  }));
  return { overrides };
}

/** The list of packages comes last: oxlint asks no pattern after a group that lets an import pass. */
function patterns(place, directions) {
  const { why, imports, types, packages } = directions[place];
  const others = Object.keys(directions).filter((name) => name !== place && !name.includes('/'));
  const refused = others.filter((name) => !imports.includes(name) && !types.includes(name));
  const typed = types.filter((name) => name in directions);
  const typedPackages = types.filter((name) => !(name in directions));
  return [
    { regex: addressOf([...refused, ...NOT_OURS], place), message: why },
    ...(typed.length === 0
      ? []
      : [{ regex: addressOf(typed, place), allowTypeImports: true, message: why }]),
    ...(typedPackages.length === 0
      ? []
      : [
          {
            regex: `^(${typedPackages.join('|')})(/|$)`,
            allowTypeImports: true,
            message: why,
          },
        ]),
    {
      group: ['*', '**/*', '!./**', '!../**', ...[...packages, ...typedPackages].flatMap(allowed)],
      message: `${why} Packages that it may import stand in scripts/import-directions.json.`,
    },
  ];
}

/** Matches `../../store/…` from any depth, and `../services/../store/…` with it. */
function addressOf(names, place) {
  const folders = names.filter((name) => !isFile(name));
  const files = names.filter(isFile).map((name) => name.replace('.ts', '\\.js$'));
  const up = isFile(place) ? '(^|/)\\.\\.?/' : '(^|/)\\.\\./';
  const ours = `${up}(${[...folders.map((name) => `${name}/`), ...files].join('|')})`;
  // A folder inside a folder of the table, such as web/assets, has the rest of that one above it.
  return place.includes('/') ? `^\\.\\./|${ours}` : ours;
}

function allowed(name) {
  return [`!${name}`, `!${name}/**`];
}

function isFile(place) {
  return place.endsWith('.ts');
}
