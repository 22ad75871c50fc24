import { endSession } from '../../../services/sessions.js';
import { redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';

/** Ends the session when its button was pressed; there is nothing to see here. */
export async function signOutPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'GET') {
    return redirect('/');
  }
  await endSession(deps, visit.actor, visit.session.id);
  return { kind: 'signed-out' };
}
