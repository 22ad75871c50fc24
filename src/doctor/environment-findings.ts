/** Keys, files, database and git of this host. */

import type { Finding } from './finding.js';
import type { FileFault, KeyState, Observations } from './observations.js';

/** A server renews a signing key before this, if it can. */
const WARN_SIGNING_DAYS = 30;
/** A new CA takes a restart of the registry, which wants to be planned. */
const WARN_CA_DAYS = 90;

export function environmentFindings({
  keys,
  files,
  database,
  git,
}: Observations): readonly Finding[] {
  return [
    ...('failure' in keys ? [keysFailure(keys.failure)] : keyFindings(keys)),
    ...files.map(fileFinding),
    ...(database === null ? [] : [databaseFinding(database)]),
    ...(git === null ? [] : [gitFinding(git)]),
  ];
}

function keysFailure(failure: string): Finding {
  return {
    check: 'keys',
    problem: failure,
    clients: '“service unavailable”, or no answer: without keys the service does not start.',
    change: 'Put the certs folder back, or let the user of the service read it: certs.dir.',
  };
}

function keyFindings(keys: KeyState): readonly Finding[] {
  const { signingDaysLeft, caDaysLeft, hasCaKey, isKnownCa, damaged } = keys;
  const findings: Finding[] = [];
  if (!isKnownCa) {
    findings.push({
      check: 'keys',
      problem:
        'ca.crt is another CA than the one that this database was used with, and the service does not start with it.',
      clients: '“service unavailable”, or no answer.',
      change:
        'Put that certs folder back. If the new CA is meant: give the registry this ca.crt, restart it, then run ' +
        '`pullgate keys accept-ca`.',
    });
  }
  if (caDaysLeft < WARN_CA_DAYS) {
    findings.push({
      check: 'keys',
      problem: `The CA that the registry trusts ends in ${caDaysLeft} days.`,
      clients: 'then every pull ends in “authentication required”.',
      change:
        'Make a new one (docs/operations.md), give the registry both, restart it, then `pullgate keys accept-ca`.',
    });
  } else if (signingDaysLeft < WARN_SIGNING_DAYS) {
    findings.push({
      check: 'keys',
      problem: `The signing key ends in ${signingDaysLeft} days, and was not renewed by itself.`,
      clients: 'then every pull ends in “authentication required”.',
      change: hasCaKey
        ? 'Run `pullgate keys rotate`; the log of the service says why it did not.'
        : 'Put ca.key back for a moment, and run `pullgate keys rotate`.',
    });
  }
  for (const problem of damaged) {
    findings.push({
      check: 'keys',
      problem,
      clients: 'nothing, as long as there is another signing key.',
      change: 'Remove the file, or put it back from a backup.',
    });
  }
  return findings;
}

function fileFinding({ path, fault, owner }: FileFault): Finding {
  return fault === 'other-owner'
    ? {
        check: 'files',
        problem: `${path} belongs to another user than the folder that it is in: the service may not be able to read it.`,
        clients: '“service unavailable”, at the latest after the next restart.',
        change: `chown ${owner} ${path}`,
      }
    : {
        check: 'files',
        problem: `${path} is secret, and other users of this host can read it.`,
        clients: 'nothing.',
        change: `chmod go= ${path}`,
      };
}

function databaseFinding(problem: string): Finding {
  return {
    check: 'database',
    problem,
    clients: '“service unavailable” (503) at every login and pull.',
    change: 'See database.url, and that the database runs and lets this user in.',
  };
}

function gitFinding(problem: string): Finding {
  return {
    check: 'git',
    problem,
    clients: 'clone, fetch and push end in 503; images are pulled all the same.',
    change: 'Install git where the service runs, on its PATH.',
  };
}
