import type { AppError, ErrorCode } from '../access/errors.js';
import { retryAfterSeconds } from '../http/errors.js';
import { ADDRESSES, parseAddress } from './addresses.js';
import { page, type PageAnswer, type Visit } from './visit.js';

const ANSWER: Readonly<Record<ErrorCode, readonly [status: number, title: string]>> = {
  invalid_input: [400, 'Pullgate does not understand this request'],
  invalid_credentials: [401, 'Sign in first'],
  forbidden: [403, 'You don’t have permission to do this'],
  not_found: [404, 'Not found'],
  conflict: [409, 'This cannot be done now'],
  too_large: [413, 'This is too large'],
  rate_limited: [429, 'Too many attempts'],
  no_space: [507, 'There is no room left'],
  unavailable: [503, 'Pullgate cannot answer just now'],
};

/** One page for a project that is hidden and for one that does not exist. */
export const NOT_FOUND =
  'There is nothing at this address, or you don’t have permission to see it.';

export function errorPage(visit: Visit, error: AppError): PageAnswer {
  const [status, title] = ANSWER[error.code];
  const wait = retryAfterSeconds(error);
  return {
    ...explanation(visit, { status, title, message: error.message }),
    ...(wait !== null && { retryAfterSeconds: wait }),
  };
}

/** For a mistake of ours: the log says more, under the same request id. */
export function failurePage(visit: Visit, requestId: string): PageAnswer {
  return explanation(visit, {
    status: 500,
    title: 'Something went wrong',
    message:
      'Something failed on our side. Try again; if it happens again, tell the administrator this ' +
      `request id: ${requestId}`,
  });
}

function explanation(
  visit: Visit,
  told: { readonly status: number; readonly title: string; readonly message: string },
): PageAnswer {
  const body = (
    <div class="error-page">
      <p class="status" aria-hidden="true">
        {told.status}
      </p>
      <h1>{told.title}</h1>
      <p>{told.message}</p>
      <div class="actions">
        {visit.actor.kind === 'anonymous' && (
          <a class="button primary" href={signInAddress(visit)}>
            Sign in
          </a>
        )}
        <a class="button" href={ADDRESSES.home.path}>
          Back to projects
        </a>
      </div>
    </div>
  );
  return page(told.title, body, { status: told.status });
}

/** Back to this page, unless its address is a secret. */
function signInAddress({ path, url }: Visit): string {
  const signIn = ADDRESSES['sign-in'].path;
  const isSecret = typeof parseAddress(path)?.link === 'string';
  return isSecret ? signIn : `${signIn}?return_to=${encodeURIComponent(url)}`;
}
