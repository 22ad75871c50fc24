import type { AppError, ErrorCode } from '../../access/errors.js';
import { page, type PageAnswer, type Visit } from '../visit.js';

const ANSWER: Readonly<Record<ErrorCode, readonly [status: number, title: string]>> = {
  invalid_input: [400, 'This request was not understood'],
  invalid_credentials: [401, 'Sign in first'],
  forbidden: [403, 'This is not yours to do'],
  not_found: [404, 'Not found'],
  conflict: [409, 'This cannot be done now'],
  too_large: [413, 'This is too large'],
  rate_limited: [429, 'Too many attempts'],
  unavailable: [503, 'Pullgate cannot answer just now'],
};
const RETRY_AFTER_SECONDS: Partial<Record<ErrorCode, number>> = {
  rate_limited: 60,
  unavailable: 5,
};

/** One page for a project that is hidden and for one that does not exist. */
export const NOT_FOUND = 'There is nothing at this address, or you may not see it.';

export function errorPage(visit: Visit, { code, message }: AppError): PageAnswer {
  const [status, title] = ANSWER[code];
  const retryAfterSeconds = RETRY_AFTER_SECONDS[code];
  const signIn = `/users/sign_in?return_to=${encodeURIComponent(visit.url)}`;
  const body = (
    <div class="narrow error-page">
      <p class="error-status" aria-hidden="true">
        {status}
      </p>
      <h1>{title}</h1>
      <p>{message}</p>
      <p class="actions centered">
        {visit.actor.kind === 'anonymous' && (
          <a class="button primary" href={signIn}>
            Sign in
          </a>
        )}
        <a class="button" href="/">
          To the projects
        </a>
      </p>
    </div>
  );
  return {
    ...page(title, body, status),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}
