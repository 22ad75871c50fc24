import type { JSX } from 'preact';
import {
  ACCESS_TOKEN_SCOPES,
  type AccessToken,
  type AccessTokenScope,
} from '../../../access/access-token.js';
import type { Secret } from '../../../credentials.js';
import { fieldText, fieldTexts } from '../../fields.js';
import { countText, Pages } from '../../paging.js';
import { Ask, AskFirst, AskPage, type KeepIt } from '../../parts/ask.js';
import { Card, CardBody, CardFoot } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Choices } from '../../parts/choices.js';
import { Field } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { Empty, Notice } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { Once } from '../../parts/take-along.js';
import { Ago } from '../../parts/time.js';
import { isSoon, shortDay } from '../../time.js';
import type { SignedInVisit } from '../../visit.js';
import { PROFILE_ADDRESS, SESSIONS_AFTER, TOKENS_AFTER } from './address.js';
import type { ProfileProps } from './view.js';

const SCOPE_HINTS: Readonly<Record<AccessTokenScope, string>> = {
  api: 'Everything that you may do, through the API.',
  read_api: 'Read through the API.',
  read_registry: 'Pull images.',
  write_registry: 'Push images; a push needs read_registry too.',
  read_repository: 'Clone and fetch.',
  write_repository: 'Clone, fetch and push.',
};

export function Tokens(props: ProfileProps): JSX.Element {
  const { visit, tokens, now } = props;
  return (
    <Card
      id="tokens-title"
      title={`Personal access tokens (${countText(tokens)})`}
      note="They stand for you at the registry, git and the API, with your username and the token as the password."
    >
      {tokens.total === 0 ? (
        <Empty icon="key-round" title="No personal access tokens">
          Make one below to push images or code. Machines that only read get a deploy token.
        </Empty>
      ) : (
        <Rows>
          {tokens.items.map((token) => (
            <TokenRow key={token.id} visit={visit} token={token} now={now} />
          ))}
        </Rows>
      )}
      <CardFoot>
        <Pages
          visit={visit}
          of="personal access tokens"
          next={tokens.next}
          field={TOKENS_AFTER}
          keeps={[SESSIONS_AFTER]}
          anchor="tokens-title"
        />
      </CardFoot>
      <CardBody>
        <NewTokenForm {...props} />
      </CardBody>
    </Card>
  );
}

interface TokenProps {
  readonly visit: SignedInVisit;
  readonly token: AccessToken;
}

function TokenRow(props: TokenProps & { readonly now: Date }): JSX.Element {
  const { visit, token, now } = props;
  const { expiresAt } = token;
  return (
    <Row
      icon="key-round"
      title={
        <>
          <bdi>{token.name}</bdi>{' '}
          {expiresAt !== null && isSoon(expiresAt, now) && (
            <Chip kind="warn" icon="clock">
              expires soon
            </Chip>
          )}
        </>
      }
      meta={
        <>
          {token.scopes.join(', ')} · made <Ago instant={token.createdAt} now={now} /> ·{' '}
          {token.lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              last used <Ago instant={token.lastUsedAt} now={now} />
            </>
          )}{' '}
          ·{' '}
          {expiresAt === null ? (
            'never expires'
          ) : (
            <>
              expires <Ago instant={expiresAt} now={now} />, {shortDay(expiresAt)}
            </>
          )}
        </>
      }
      end={
        <AskFirst
          id={`revoke-token-${token.id}`}
          href={`${PROFILE_ADDRESS}?revoke=${token.id}`}
          label={
            <>
              Revoke…<span class="visually-hidden"> {token.name}</span>
            </>
          }
          question={(id) => (
            <RevokeQuestion visit={visit} token={token} id={id} keepIt="closes-dialog" />
          )}
        />
      }
    />
  );
}

export function RevokePage(props: TokenProps): JSX.Element {
  const keepIt = { href: PROFILE_ADDRESS };
  return <AskPage question={(id) => <RevokeQuestion {...props} id={id} keepIt={keepIt} />} />;
}

function RevokeQuestion(
  props: TokenProps & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, token, id, keepIt } = props;
  return (
    <Ask
      id={id}
      title={
        <>
          Revoke <bdi>{token.name}</bdi>?
        </>
      }
      action={PROFILE_ADDRESS}
      csrf={visit.csrf}
      keepIt={keepIt}
      doIt={
        <>
          <input type="hidden" name="id" value={String(token.id)} />
          <button type="submit" class="button solid" name="do" value="revoke-token">
            Revoke {token.name}
          </button>
        </>
      }
    >
      Whatever signs in as you with it is refused from the next request on. This cannot be undone.
    </Ask>
  );
}

function NewTokenForm({ visit, errors, nonce }: ProfileProps): JSX.Element {
  const { form } = visit;
  const isOpen = ['name', 'scopes', 'expires_at'].some(
    (name) => errors[name] !== undefined || form.has(name),
  );
  return (
    <details class="fold" id="new-access-token" open={isOpen}>
      <summary>New personal access token</summary>
      <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf} nonce={nonce}>
        <div class="pair">
          <Field
            id="token-name"
            name="name"
            label="Name"
            hint="Where it is used, such as “laptop”."
            value={fieldText(form, 'name')}
            error={errors['name']}
            maxlength={255}
            required
          />
          <Field
            id="token-expires-at"
            name="expires_at"
            label="Expiration date"
            hint="It stops working at 00:00 UTC of that day."
            type="date"
            value={fieldText(form, 'expires_at')}
            error={errors['expires_at']}
          />
        </div>
        <Choices
          id="token-scopes"
          name="scopes"
          legend="Scopes"
          note="select at least one"
          type="checkbox"
          choices={ACCESS_TOKEN_SCOPES.map((value) => ({
            value,
            label: value,
            hint: SCOPE_HINTS[value],
          }))}
          chosen={fieldTexts(form, 'scopes')}
          error={errors['scopes']}
        />
        <button type="submit" class="button primary" name="do" value="create-token">
          Create personal access token
        </button>
      </PostForm>
    </details>
  );
}

export function NewAccessToken(props: {
  readonly token: AccessToken;
  readonly secret: Secret;
}): JSX.Element {
  const { token, secret } = props;
  return (
    <div class="col measure">
      <Card id="new" title="Your new personal access token" kind="secret">
        <Notice kind="warn" standing>
          <strong>Save the token now.</strong> This page shows it once. If you leave or reload the
          page, it is lost.
        </Notice>
        <CardBody>
          <p>
            <strong>
              <bdi>{token.name}</bdi>
            </strong>
            , for {token.scopes.join(', ')}.
          </p>
          <Once id="access-token" label="Personal access token" value={secret.reveal()} isPrimary />
        </CardBody>
      </Card>
      <div class="actions">
        <a class="button primary" href={PROFILE_ADDRESS}>
          Done, I saved the token
        </a>
      </div>
    </div>
  );
}
