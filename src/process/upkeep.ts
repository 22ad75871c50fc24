/** The work that runs beside the requests. */

import type { RegistryClient } from '../registry-client/registry-client.js';
import { collectGarbage } from '../repositories/collect-garbage.js';
import { gitMemory } from '../repositories/git-memory.js';
import { repairHeads } from '../repositories/head.js';
import { sweepLeftovers } from '../repositories/sweep.js';
import type { AccessTokenUses } from '../services/access-token-uses.js';
import { removeOldAuditEvents } from '../services/audit.js';
import { removeOldDays } from '../services/deploy-token-days.js';
import type { DenialTracker } from '../services/denial-tracker.js';
import { removeOldDenials } from '../services/denials.js';
import { bySteadyClock } from '../services/steady-clock.js';
import type { DeployTokenUses } from '../services/deploy-token-uses.js';
import { tidyLfs, type LfsDeps } from '../services/lfs.js';
import { registryWalker } from '../services/registry-walk.js';
import type { BackgroundWork } from './background.js';
import type { Parts } from './parts.js';

/** How soon the first use of a deploy token shows, and how long to leave a failing database alone. */
const WRITE_USES_MS = 1000;
const WRITE_USES_FAILED_MS = 30_000;
/** The same of what is refused. */
const WRITE_DENIALS_MS = 1000;
const WRITE_DENIALS_FAILED_MS = 30_000;
/** How long no write may tell whether one can be made, and how soon to try again where none can. */
const WRITE_AT_LEAST_MS = 10_000;
const WRITE_AGAIN_MS = 10_000;
const READINESS_MS = 1000;
const MINUTE_MS = 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** How often it is asked whether it is time to walk the registry. */
const WALK_MS = 5000;
/** A revocation that is younger than this may be missing beside a database that is put back. */
const MARK_MS = 5000;

export function upkeep(
  parts: Parts,
  {
    uses,
    accessTokenUses,
    denials,
    registry,
  }: {
    readonly uses: DeployTokenUses;
    readonly accessTokenUses: AccessTokenUses;
    readonly denials: DenialTracker;
    readonly registry: RegistryClient;
  },
): readonly BackgroundWork[] {
  return [
    checkReadiness(parts),
    writeUses(parts, uses),
    writeAccessTokenUses(parts, accessTokenUses),
    writeDenials(parts, denials),
    tryToWrite(parts),
    forgetAuditEvents(parts),
    forgetDays(parts),
    forgetDenials(parts),
    sweep(parts),
    pointHeads(parts),
    tidyObjects(parts),
    tidyRepositories(parts),
    walkTheRegistry(parts, registry),
    keepMark(parts),
  ];
}

function checkReadiness({ log, readiness }: Parts): BackgroundWork {
  return {
    work: readiness.check,
    pauseMs: READINESS_MS,
    failurePauseMs: READINESS_MS,
    failed(error) {
      log.error({ err: error }, 'readiness could not be checked');
    },
  };
}

function writeUses(parts: Parts, uses: DeployTokenUses): BackgroundWork {
  const notWritten = usesNotWritten(parts);
  return {
    work: uses.writeDue,
    pauseMs: WRITE_USES_MS,
    failurePauseMs: WRITE_USES_FAILED_MS,
    failed(error) {
      parts.metrics?.countFailedUseWrite();
      notWritten(error);
    },
  };
}

function writeAccessTokenUses(parts: Parts, uses: AccessTokenUses): BackgroundWork {
  return {
    work: uses.write,
    pauseMs: WRITE_USES_MS,
    failurePauseMs: WRITE_USES_FAILED_MS,
    failed: usesNotWritten(parts),
  };
}

export function usesNotWritten({ log }: Parts): (error: unknown) => void {
  return (error) => {
    log.error({ err: error }, 'the last uses of tokens could not be written');
  };
}

function writeDenials(parts: Parts, denials: DenialTracker): BackgroundWork {
  return {
    work: denials.writeDue,
    pauseMs: WRITE_DENIALS_MS,
    failurePauseMs: WRITE_DENIALS_FAILED_MS,
    failed: denialsNotWritten(parts),
  };
}

export function denialsNotWritten({ log }: Parts): (error: unknown) => void {
  return (error) => {
    log.error({ err: error }, 'what was refused could not be written');
  };
}

/** A service that is asked to write seldom still knows whether it could. */
function tryToWrite({ store, log }: Parts): BackgroundWork {
  let told = '';
  return {
    async work() {
      const { at, problem } = store.lastWrite();
      if (at === null || problem !== null || performance.now() - at > WRITE_AT_LEAST_MS) {
        await store.write(async () => await Promise.resolve());
        told = '';
      }
    },
    firstPauseMs: 0,
    pauseMs: WRITE_USES_MS,
    failurePauseMs: WRITE_AGAIN_MS,
    failed(error) {
      const { problem } = store.lastWrite();
      // The same failure every few seconds is told once.
      const why = problem ?? String(error);
      if (why !== told) {
        told = why;
        log.error({ err: error, problem }, 'nothing can be written to the database');
      }
    },
  };
}

function forgetAuditEvents(parts: Parts): BackgroundWork {
  return hourlyByAge(parts, {
    async work(stopping) {
      await removeOldAuditEvents(parts, parts.config.audit.retentionDays, stopping);
    },
    failure: 'old audit events could not be removed',
  });
}

function forgetDays(parts: Parts): BackgroundWork {
  return hourlyByAge(parts, {
    async work(stopping) {
      await removeOldDays(parts, stopping);
    },
    failure: 'old uses of deploy tokens could not be removed',
  });
}

function forgetDenials(parts: Parts): BackgroundWork {
  return hourlyByAge(parts, {
    async work() {
      await removeOldDenials(parts);
    },
    failure: 'old refusals could not be removed',
  });
}

function sweep({ config: { git }, log }: Parts): BackgroundWork {
  return {
    async work() {
      await sweepLeftovers(git.root, git.totalSeconds);
    },
    firstPauseMs: 0,
    pauseMs: DAY_MS,
    failurePauseMs: HOUR_MS,
    failed(error) {
      log.error({ err: error }, 'what ended pushes have left behind could not be removed');
    },
  };
}

function pointHeads({ config: { git }, log, path }: Parts): BackgroundWork {
  return {
    async work() {
      await repairHeads(git.root, path);
    },
    firstPauseMs: 0,
    pauseMs: DAY_MS,
    failurePauseMs: HOUR_MS,
    failed(error) {
      log.error({ err: error }, 'a HEAD that names no branch could not be pointed at one');
    },
  };
}

export function lfsDeps({ store, now, config }: Parts): LfsDeps {
  const { git, quotas } = config;
  return { store, now, quotas, longestSeconds: git.queueSeconds + git.totalSeconds };
}

function tidyObjects(parts: Parts): BackgroundWork {
  return {
    async work() {
      await tidyLfs(lfsDeps(parts), parts.lfsObjects);
    },
    pauseMs: MINUTE_MS,
    failurePauseMs: MINUTE_MS,
    failed(error) {
      parts.log.error(
        { err: error },
        'the Git LFS objects of removed projects could not be removed',
      );
    },
  };
}

function tidyRepositories({ config: { git }, log, path }: Parts): BackgroundWork {
  function failed(repository: string, reason: unknown): void {
    log.warn({ repository, reason }, 'git gc failed');
  }
  return {
    async work(stopping) {
      const memory = gitMemory(git.maxMemoryBytes, path);
      await collectGarbage({ root: git.root, path, memory, stopping, failed });
    },
    firstPauseMs: HOUR_MS,
    pauseMs: DAY_MS,
    failurePauseMs: HOUR_MS,
    failed(error) {
      failed(git.root, error);
    },
  };
}

function keepMark(parts: Parts): BackgroundWork {
  return {
    work: parts.mark.keep,
    pauseMs: MARK_MS,
    failurePauseMs: MARK_MS,
    failed(error) {
      parts.log.debug({ err: error }, 'the mark of the database could not be read');
    },
  };
}

function walkTheRegistry({ store, now, log }: Parts, catalogue: RegistryClient): BackgroundWork {
  let lastFailure = '';
  return {
    work: registryWalker({
      store,
      now,
      catalogue,
      ended(walk) {
        lastFailure = '';
        log.info(walk, 'the registry was walked');
      },
    }),
    pauseMs: WALK_MS,
    failurePauseMs: WALK_MS,
    failed(error) {
      // The same failure every minute is told once.
      if (String(error) !== lastFailure) {
        lastFailure = String(error);
        log.warn({ err: error }, 'what the registry holds cannot be read');
      }
    },
  };
}

/** Whatever is removed by a clock that is a year ahead is gone when it is right again. */
function hourlyByAge(
  parts: Parts,
  { work, failure }: Pick<BackgroundWork, 'work'> & { readonly failure: string },
): BackgroundWork {
  return {
    async work(stopping) {
      if (!(await bySteadyClock(parts, async () => await work(stopping)))) {
        parts.log.info(
          {},
          'nothing is removed by its age: the clock has not run steadily for a week',
        );
      }
    },
    pauseMs: HOUR_MS,
    failurePauseMs: HOUR_MS,
    failed(error) {
      parts.log.error({ err: error }, failure);
    },
  };
}
