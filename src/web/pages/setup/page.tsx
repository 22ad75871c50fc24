import { AppError } from '../../../access/errors.js';
import { Secret } from '../../../credentials.js';
import { createFirstAdministrator, isSetupLink } from '../../../services/first-administrator.js';
import { problemsOf, requireNoProblems } from '../../../services/problems.js';
import { userProblems } from '../../../services/users.js';
import { accountPage, type AccountForm } from '../../account-form.js';
import { ADDRESSES, type Address } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, repeatProblem } from '../../form-errors.js';
import { redirectSaying, type Answer, type Visit, type WebDeps } from '../../visit.js';

const FORM: AccountForm = {
  title: 'Create the administrator',
  lead:
    'Welcome to Pullgate. Nobody has an account yet: make yours, then invite the others. This link ' +
    'works once.',
  username: null,
  asksName: false,
  button: 'Create the administrator',
};

/** The page behind the one-time link of a fresh instance. */
export async function setupPage(
  deps: WebDeps,
  visit: Visit,
  { link }: Pick<Address, 'link'>,
): Promise<Answer> {
  const secret = new Secret(link ?? '');
  if (!(await isSetupLink(deps, secret))) {
    throw new AppError(
      'not_found',
      'This link was used already or has expired. Pullgate prints a new one at its next start, as long as there is no administrator.',
    );
  }
  return await changeOrShow(
    visit,
    async () => await create(deps, visit, secret),
    async (errors) => await Promise.resolve(accountPage(visit, FORM, errors)),
  );
}

async function create(deps: WebDeps, visit: Visit, link: Secret): Promise<Answer> {
  const username = fieldText(visit.form, 'username').trim();
  const password = new Secret(fieldText(visit.form, 'password'));
  requireNoProblems({
    ...userProblems({ username, displayName: username, password }, deps.tokenPrefix),
    ...problemsOf({ password_again: repeatProblem(visit.form) }),
  });
  await createFirstAdministrator(deps, link, { username, password, origin: visit.origin });
  return redirectSaying(visit, ADDRESSES['sign-in'].path, 'welcome');
}
