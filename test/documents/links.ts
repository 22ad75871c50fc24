import { dirname, join } from 'node:path';

type Documents = ReadonlyMap<string, string>;

/** Pictures in docs/ that no document shows, and links and pictures of documents that are not there. */
export function linkProblems(
  documents: Documents,
  pictures: readonly string[],
  exists: (file: string) => boolean,
): string[] {
  const links = Array.from(documents, ([file, page]) => ({ file, targets: linksOf(file, page) }));
  const shown = links.flatMap(({ targets }) => targets);
  return [
    ...pictures.filter((file) => !shown.includes(file)).map((file) => `no document shows ${file}`),
    ...links.flatMap(({ file, targets }) =>
      targets.filter((target) => !exists(target)).map((target) => `${file}: there is no ${target}`),
    ),
  ];
}

/** The files of the repository that a document links to or shows. */
function linksOf(file: string, page: string): string[] {
  const prose = page.replaceAll(/^ *```\w*\n[^]*?^ *```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return Array.from(
    prose.matchAll(/\]\((?<target>[^)\s#]+)[^)]*\)/g),
    ({ groups }) => groups?.['target'] ?? '',
  )
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(file), target).replace(/\/$/, ''));
}

/** Paths of the repository in a document's `code` that are not there. A name in <> or capitals is none. */
export function pathProblems(page: string, exists: (file: string) => boolean): string[] {
  const paths = page.matchAll(
    /`(?<path>(?:\.ci|bench|docs|scripts|src|test)\/[\w./-]*)(?:#\w+)?`/g,
  );
  return Array.from(paths, ({ groups }) => groups?.['path'] ?? '').filter(
    (path) => !/[A-Z]{4}/.test(path) && !exists(path),
  );
}

/** Differences of docs/decisions/README.md from the pages beside it, each with its title. */
export function decisionIndexDifferences(index: string, documents: Documents): string[] {
  const told = Array.from(
    index.matchAll(/^- \[(?<title>.+)\]\((?<name>[^)]+)\)$/gm),
    ({ groups }) => `${groups?.['name']}: ${groups?.['title']}`,
  );
  const pages = Array.from(documents, ([file, page]) => ({ file, page }))
    .filter(({ file }) => /^docs\/decisions\/\d{4}-/.test(file))
    .map(({ file, page }) => `${file.replace('docs/decisions/', '')}: ${titleOf(page)}`)
    .toSorted();
  return told.join('\n') === pages.join('\n')
    ? []
    : [
        ...pages.filter((entry) => !told.includes(entry)).map((entry) => `missing: ${entry}`),
        ...told.filter((entry) => !pages.includes(entry)).map((entry) => `no such page: ${entry}`),
        ...(told.length === pages.length ? ['perhaps in another order'] : []),
      ];
}

/** `# 0007 Repositories by id` */
export function titleOf(page: string): string {
  return /^# (?<title>.+)$/m.exec(page)?.groups?.['title'] ?? 'no title';
}
