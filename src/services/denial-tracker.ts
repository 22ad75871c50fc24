import type { Actor, DoorName } from '../access/actor.js';
import type { Refusal } from '../access/credential.js';
import {
  isStrangers,
  MAX_DENIALS,
  type Asker,
  type Denial,
  type DenialDoor,
} from '../access/denial.js';
import type { OwnedPrefix } from '../access/project.js';
import type { RefusedEntry } from '../access/registry-access.js';
import { liesIn } from '../access/repository-name.js';
import { ownText } from '../own-text.js';
import type { Store, Stores } from '../store/open-store.js';
import { createRecent } from './recent.js';

/** Within that, what another credential of the same address gets makes up for it. */
const ELSEWHERE_MS = 60_000;
/** What waits to be written, and what is remembered for `ELSEWHERE_MS`, whatever the database does. */
const MAX_WAITING = 10_000;
/** Of those, how many of requests in which nobody was known. */
const MAX_STRANGERS = 64;
/** In one transaction: few enough to hold up no request for more than some milliseconds on SQLite. */
const BATCH = 25;

/** What the columns hold. */
const MAX_ADDRESS = 64;
const MAX_TEXT = 255;
const MAX_ACTIONS = 4;
const MAX_ACTION = 15;

/** A request that is over, as far as it tells what was refused. */
export interface DeniedRequest {
  readonly door: DoorName | null;
  readonly actor: Actor | null;
  readonly clientAddress: string;
  readonly userAgent: string;
  readonly repository: string | null;
  readonly granted: readonly string[] | null;
  readonly refused: readonly RefusedEntry[];
  readonly refusedCredentials: {
    readonly refusal: Refusal;
    readonly deployToken?: { readonly id: number };
    readonly user?: { readonly id: number };
  } | null;
}

export interface DenialTracker {
  /** Remembers what was refused, and that somebody else of the same address was granted it. */
  readonly observeRequest: (request: DeniedRequest) => void;
  readonly writeDue: () => Promise<void>;
}

/** What alike ones share. */
type Alike = Asker & Pick<Denial, 'door' | 'repository' | 'actions' | 'reason'>;

interface Waiting extends Alike {
  readonly key: string;
  readonly firstAt: Date;
  readonly address: string;
  readonly userAgent: string;
  count: number;
  lastAt: Date;
  grantedElsewhereAt: Date | null;
}

/** Gathers what is refused, so that a thousand refusals cost the database a few rows a second. */
export function trackDenials({
  store,
  now,
}: {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => Date;
}): DenialTracker {
  const waiting = new Map<string, Waiting>();
  /** How many of them each asker has. */
  const waitingOf = new Map<string, number>();
  /** By address and repository. */
  const lately = createRecent<Waiting>({
    milliseconds: ELSEWHERE_MS,
    atMost: MAX_WAITING,
    clock: () => now().getTime(),
  });

  function hasRoomFor(asker: Asker): boolean {
    const most = isStrangers(asker) ? MAX_STRANGERS : MAX_DENIALS;
    return (waitingOf.get(askerKey(asker)) ?? 0) < most && waiting.size < MAX_WAITING;
  }

  /** Where there is room. */
  function keep(denied: Waiting): void {
    if (hasRoomFor(denied)) {
      const asker = askerKey(denied);
      waitingOf.set(asker, (waitingOf.get(asker) ?? 0) + 1);
      waiting.set(denied.key, denied);
    }
  }

  function take(): readonly Waiting[] {
    const taken = [...waiting.values()];
    waiting.clear();
    waitingOf.clear();
    return taken;
  }

  function remember(alike: Alike, { clientAddress, userAgent }: DeniedRequest): void {
    const key = keyOf(alike);
    const lastAt = now();
    const known = waiting.get(key);
    if (known !== undefined) {
      known.count += 1;
      known.lastAt = lastAt;
      return;
    }
    if (!hasRoomFor(alike)) {
      return;
    }
    const denied: Waiting = {
      ...alike,
      key,
      repository: alike.repository && ownText(alike.repository.slice(0, MAX_TEXT)),
      actions: alike.actions
        .slice(0, MAX_ACTIONS)
        .map((each) => ownText(each.slice(0, MAX_ACTION))),
      address: ownText(clientAddress.slice(0, MAX_ADDRESS)),
      userAgent: ownText(userAgent.slice(0, MAX_TEXT)),
      count: 1,
      firstAt: lastAt,
      lastAt,
      grantedElsewhereAt: null,
    };
    keep(denied);
    if (alike.repository !== null) {
      lately.set(placeKey(clientAddress, alike.repository), denied);
    }
  }

  /** Clients that hold several credentials try one after the other. */
  function noteGrant({ door, clientAddress, repository, actor }: DeniedRequest): void {
    const denied =
      repository === null ? undefined : lately.get(placeKey(clientAddress, repository));
    if (
      denied === undefined ||
      denied.door !== door ||
      askerKey(denied) === askerKey(askerOf(actor))
    ) {
      return;
    }
    const grantedElsewhereAt = now();
    const known = waiting.get(denied.key);
    if (known === undefined) {
      // Written already, or about to be: this adds to it.
      keep({ ...denied, count: 0, grantedElsewhereAt });
    } else {
      known.grantedElsewhereAt = grantedElsewhereAt;
    }
  }

  return {
    observeRequest(request) {
      for (const alike of deniedIn(request)) {
        remember(alike, request);
      }
      const { granted } = request;
      if (granted !== null && granted.length > 0 && lately.size() > 0) {
        noteGrant(request);
      }
    },
    async writeDue() {
      const due = take();
      for (let start = 0; start < due.length; start += BATCH) {
        const batch = due.slice(start, start + BATCH);
        try {
          await store.write(async (stores) => {
            await stores.denials.add(await withProjects(stores, batch));
          });
        } catch (error) {
          // For the next time, as far as there is room.
          due.slice(start).forEach(keep);
          throw error;
        }
      }
    },
  };
}

const NOTHING: readonly Alike[] = [];

function deniedIn({
  door,
  actor,
  repository,
  refused,
  refusedCredentials,
}: DeniedRequest): readonly Alike[] {
  if (
    (door !== 'registry' && door !== 'git') ||
    (refused.length === 0 && refusedCredentials === null)
  ) {
    return NOTHING;
  }
  if (refusedCredentials !== null) {
    const { refusal, deployToken, user } = refusedCredentials;
    const asker = { deployTokenId: deployToken?.id ?? null, userId: user?.id ?? null };
    return [{ ...asker, door, repository, actions: [], reason: refusal }];
  }
  const asker = askerOf(actor);
  return refused.map(({ name, actions, reason }) => ({
    ...asker,
    door,
    repository: name,
    actions,
    reason,
  }));
}

function askerOf(actor: Actor | null): Asker {
  return {
    deployTokenId: actor?.kind === 'deploy-token' ? actor.token.id : null,
    userId: actor?.kind === 'user' ? actor.user.id : null,
  };
}

function askerKey({ deployTokenId, userId }: Asker): string {
  return `${deployTokenId ?? ''}/${userId ?? ''}`;
}

function keyOf(alike: Alike): string {
  const { door, repository, actions, reason } = alike;
  return [askerKey(alike), door, reason, actions.join(','), repository].join(' ');
}

function placeKey(address: string, repository: string): string {
  return `${address} ${repository}`;
}

/** Whose repository each was about. */
async function withProjects(
  { projects }: Pick<Stores, 'projects'>,
  denied: readonly Waiting[],
): Promise<Denial[]> {
  const names = denied.flatMap(({ repository }) => repository?.toLowerCase() ?? []);
  const owned = await projects.ownersOf([...new Set(names)]);
  return denied.map(({ key: _key, ...each }) => ({
    ...each,
    projectId: projectOf(each.door, each.repository?.toLowerCase() ?? '', owned),
  }));
}

/** At git only the project's own path leads to it. */
function projectOf(door: DenialDoor, name: string, owned: readonly OwnedPrefix[]): number | null {
  const found = owned.find(({ prefix }) =>
    door === 'git' ? prefix === name : liesIn(name, prefix),
  );
  const isItsOwn = door === 'registry' || found?.project.path.toLowerCase() === name;
  return found !== undefined && isItsOwn ? found.project.id : null;
}
