import { once } from 'node:events';
import { readConfig, type CliContext } from './cli/context.js';
import { createLog } from './log.js';
import { prepareSetup, SETUP_LINK_HOURS } from './services/first-administrator.js';
import { startService, type Service, type ServiceOptions } from './service.js';

/** Serves until SIGTERM or SIGINT, then lets running requests finish. A second signal ends it at once. */
export async function serve(
  context: CliContext,
  { migrate }: { readonly migrate: boolean },
): Promise<void> {
  // Before anything is started: a signal that comes while it is must not end us half-way.
  const stopped = stopSignal();
  const config = await readConfig(context);
  const log = createLog(config.log.level);
  const service = await startService({
    config,
    log,
    now: context.now,
    path: context.env['PATH'] ?? '',
    migrate,
  });
  await announceSetup(service, { config, log, now: context.now });
  const signal = await stopped;
  log.info({ signal }, 'stopping');
  await service.stop();
}

/** Nobody can sign in to a fresh instance; this is its first way in. */
async function announceSetup(
  { store }: Service,
  { config, log, now }: Pick<ServiceOptions, 'config' | 'log' | 'now'>,
): Promise<void> {
  try {
    const setup = await prepareSetup({ store, now });
    if (setup !== null) {
      // The one secret that is meant for whoever reads the log: see docs/web.md.
      log.warn(
        {
          link: `${config.http.publicUrl}/-/setup/${setup.reveal()}`,
          validHours: SETUP_LINK_HOURS,
        },
        'no administrator yet: open this link to create the first one',
      );
    }
  } catch (error) {
    log.error({ err: error }, 'no link for the first administrator could be made');
  }
}

export async function stopSignal(): Promise<string> {
  return await Promise.race(
    ['SIGTERM', 'SIGINT'].map(async (signal) => {
      await once(process, signal);
      return signal;
    }),
  );
}
