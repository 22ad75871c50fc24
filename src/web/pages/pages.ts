/** Which page answers which address, and what has to be true before it does. */

import { INSTANCE } from '../../access/deploy-token.js';
import { AppError } from '../../access/errors.js';
import type { Place } from '../../access/namespace.js';
import { decidePage, isOpenPage, isSettingsPage, type PagesFor } from '../../access/page-access.js';
import { findVisiblePlace } from '../../services/places.js';
import { ADDRESSES, type Address } from '../addresses.js';
import { NOT_FOUND } from '../error-page.js';
import { redirect, type Answer, type SignedInVisit, type Visit, type WebDeps } from '../visit.js';
import { allDeployTokensCsv, allDeployTokensPage } from './all-deploy-tokens/page.js';
import { allAuditCsv, placeAuditCsv } from './audit/csv.js';
import { auditPage, placeAuditPage } from './audit/page.js';
import { allDeniedPage, deniedPage } from './denied/page.js';
import { deployTokenPage } from './deploy-token/page.js';
import { explainPage } from './explain/page.js';
import { generalPage } from './general/page.js';
import { invitationPage } from './invitation/page.js';
import { invitationsPage } from './invitations/page.js';
import { homePage } from './home/page.js';
import { membersPage } from './members/page.js';
import { namespaceGeneralPage } from './namespace/general.js';
import { namespacePage } from './namespace/page.js';
import { newDeployTokenPage } from './new-deploy-token/page.js';
import { newNamespacePage, newProjectPage } from './new-place/page.js';
import { profilePage } from './profile/page.js';
import { projectPage } from './project/page.js';
import { registryImportPage } from './registry/import.js';
import { registryPage } from './registry/page.js';
import { deployTokensPage } from './repository/page.js';
import { revokePage } from './revoke/page.js';
import { setupPage } from './setup/page.js';
import { signInPage, signInToGoOn } from './sign-in/page.js';
import { signOutPage } from './sign-out/page.js';
import { usersPage } from './users/page.js';

type SettingsPage = (
  deps: WebDeps,
  visit: SignedInVisit,
  place: Place,
  address: Address,
) => Promise<Answer>;

const OPEN: Readonly<
  Record<PagesFor<'anybody'>, (deps: WebDeps, visit: Visit, address: Address) => Promise<Answer>>
> = {
  home: homePage,
  'sign-in': signInPage,
  setup: setupPage,
  invitation: invitationPage,
  async place(deps, visit, address) {
    const place = await visiblePlace(deps, visit, address);
    return place.kind === 'project'
      ? await projectPage(deps, visit, place)
      : await namespacePage(deps, visit, place);
  },
};

const SIGNED_IN: Readonly<
  Record<
    PagesFor<'signedIn' | 'administrators'>,
    (deps: WebDeps, visit: SignedInVisit, address: Address) => Promise<Answer>
  >
> = {
  'sign-out': signOutPage,
  'new-project': newProjectPage,
  'new-namespace': newNamespacePage,
  explain: explainPage,
  profile: profilePage,
  users: usersPage,
  invitations: invitationsPage,
  registry: registryPage,
  'registry-import': registryImportPage,
  'audit-all': auditPage,
  'audit-all-csv': allAuditCsv,
  'all-denied': allDeniedPage,
  'all-deploy-tokens': allDeployTokensPage,
  'all-deploy-tokens-csv': allDeployTokensCsv,
  async 'new-instance-token'(deps, visit) {
    return await newDeployTokenPage(deps, visit, INSTANCE);
  },
  async 'instance-token'(deps, visit, address) {
    return await deployTokenPage(deps, visit, INSTANCE, address);
  },
  async 'revoke-instance-token'(deps, visit, address) {
    return await revokePage(deps, visit, INSTANCE, address);
  },
};

const SETTINGS: Readonly<Record<PagesFor<'maintainers'>, SettingsPage>> = {
  repository: deployTokensPage,
  'new-deploy-token': newDeployTokenPage,
  'deploy-token': deployTokenPage,
  revoke: revokePage,
  members: membersPage,
  async general(deps, visit, place) {
    return place.kind === 'project'
      ? await generalPage(deps, visit, place)
      : await namespaceGeneralPage(deps, visit, place);
  },
  audit: placeAuditPage,
  'audit-csv': placeAuditCsv,
  denied: deniedPage,
};

/** Throws an AppError for what has no page, or none for this visitor. */
export async function answerVisit(deps: WebDeps, address: Address, visit: Visit): Promise<Answer> {
  const { page } = address;
  if (isOpenPage(page)) {
    return await OPEN[page](deps, visit, address);
  }
  if (visit.session === null) {
    return askToSignIn(visit);
  }
  if (isSettingsPage(page)) {
    const place = await visiblePlace(deps, visit, address);
    requirePage(
      visit,
      address,
      place,
      `Only maintainers of ${place.path} see its settings. Ask one of them, or an administrator.`,
    );
    return await SETTINGS[page](deps, visit, place, address);
  }
  requirePage(visit, address, null, 'Only administrators may see this.');
  return await SIGNED_IN[page](deps, visit, address);
}

function requirePage(
  { actor }: SignedInVisit,
  { page }: Address,
  place: Place | null,
  refusal: string,
): void {
  if (decidePage(actor, page, place) !== null) {
    throw new AppError('forbidden', refusal);
  }
}

async function visiblePlace(
  deps: WebDeps,
  { actor }: Visit,
  { place: path }: Address,
): Promise<Place> {
  const place = path === null ? null : await findVisiblePlace(deps, actor, path);
  if (place === null) {
    throw new AppError('not_found', NOT_FOUND);
  }
  return place;
}

/** The same for an address that exists and for one that does not. */
function askToSignIn(visit: Visit): Answer {
  return visit.method === 'POST'
    ? signInToGoOn(visit)
    : redirect(`${ADDRESSES['sign-in'].path}?return_to=${encodeURIComponent(visit.url)}`);
}
