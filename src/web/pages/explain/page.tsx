import type { JSX } from 'preact';
import { NOT_IN_REACH, type DenialDoor } from '../../../access/denial.js';
import { AppError } from '../../../access/errors.js';
import { ACTIONS_AT, type Explanation } from '../../../access/explanation.js';
import { explainAccess } from '../../../services/explain.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { fieldErrors, hasErrors, type Errors } from '../../form-errors.js';
import { Band } from '../../parts/band.js';
import { Card, CardBody } from '../../parts/card.js';
import { Field } from '../../parts/field.js';
import { FormErrors } from '../../parts/form.js';
import { Chain, Verdict } from '../../parts/verdict.js';
import { page, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';

interface Question {
  readonly who: string;
  readonly name: string;
  readonly door: DenialDoor;
  readonly action: string;
}

/** What the registry or git would answer to somebody, and why; the question stands in the address. */
export async function explainPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const question = questionIn(visit);
  const { explanation, errors } = await answer(deps, visit, question);
  return page(
    'Explain',
    <>
      <Ask question={question} errors={errors} />
      {explanation !== null && <Explained explanation={explanation} />}
    </>,
    {
      status: hasErrors(errors) ? 422 : 200,
      band: (
        <Band
          crumbs={[
            { label: 'Home', href: ADDRESSES.home.path },
            { label: 'Explain', href: null },
          ]}
          title="Explain"
          note="Whether a deploy token or an account gets what it asks for, and why."
        />
      ),
    },
  );
}

/** Of both doors together: an action fits one or the other. */
const ACTIONS: readonly string[] = [...new Set([...ACTIONS_AT.registry, ...ACTIONS_AT.git])];

function questionIn({ query }: SignedInVisit): Question {
  const door = fieldText(query, 'door') === 'git' ? 'git' : 'registry';
  const usual = ACTIONS_AT[door][0];
  return {
    who: fieldText(query, 'who').trim(),
    name: fieldText(query, 'name').trim(),
    door,
    action: fieldText(query, 'action').trim() || usual,
  };
}

interface Answered {
  readonly explanation: Explanation | null;
  readonly errors: Errors;
}

async function answer(
  deps: WebDeps,
  { actor }: SignedInVisit,
  { who, ...question }: Question,
): Promise<Answered> {
  if (who === '' || question.name === '') {
    return { explanation: null, errors: {} };
  }
  const asked = { ...question, who: /^\d{1,9}$/.test(who) ? Number(who) : who };
  try {
    return { explanation: await explainAccess(deps, actor, asked), errors: {} };
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') {
      return { explanation: null, errors: { who: error.message } };
    }
    return { explanation: null, errors: fieldErrors(error) };
  }
}

function Ask(props: { readonly question: Question; readonly errors: Errors }): JSX.Element {
  const { question, errors } = props;
  return (
    <div class="form measure">
      <FormErrors
        errors={errors}
        notDone="Nothing was looked up."
        fields={[
          ['who', 'who', 'who asks'],
          ['name', 'name', 'what for'],
          ['action', 'action', 'the action'],
        ]}
      />
      <Card id="ask" title="Who asks for what?">
        <CardBody>
          <form method="get" action={ADDRESSES.explain.path} class="form" novalidate>
            <div class="pair">
              <Field
                id="who"
                name="who"
                label="Who"
                hint="A username, or the number of a deploy token."
                value={question.who}
                required
                error={errors['who']}
                maxlength={255}
              />
              <Field
                id="name"
                name="name"
                label="Repository"
                hint="Of images, such as tanuki/web/api; for git the path of the project."
                value={question.name}
                required
                error={errors['name']}
                maxlength={255}
              />
            </div>
            <div class="pair">
              <Field
                id="door"
                name="door"
                label="Where"
                type="select"
                options={[
                  { value: 'registry', label: 'Registry' },
                  { value: 'git', label: 'git' },
                ]}
                value={question.door}
              />
              <Field
                id="action"
                name="action"
                label="Action"
                type="select"
                options={ACTIONS.map((value) => ({ value, label: value }))}
                value={question.action}
                error={errors['action']}
              />
            </div>
            <div class="actions">
              <button type="submit" class="button primary">
                Explain
              </button>
            </div>
          </form>
        </CardBody>
      </Card>
    </div>
  );
}

function adviceOn({ allowed, reason }: Explanation): string {
  if (allowed) {
    return 'If it fails all the same, compare the clocks, and what the registry has as issuer and certificates.';
  }
  return reason === NOT_IN_REACH
    ? 'There is no such project, or none that you may see.'
    : 'Below is where it stopped.';
}

/** The verdict, and what it rests on, in the order in which it is looked at. */
function Explained({ explanation }: { readonly explanation: Explanation }): JSX.Element {
  const { allowed, facts } = explanation;
  return (
    <>
      <Verdict
        id="verdict"
        kind={allowed ? 'good' : 'bad'}
        icon={allowed ? 'circle-check' : 'circle-x'}
        title={facts.at(-1)?.text ?? ''}
      >
        {adviceOn(explanation)}
      </Verdict>
      <Card id="chain" title="How it comes about">
        <Chain steps={facts.slice(0, -1).map(({ outcome, text }) => ({ outcome, title: text }))} />
      </Card>
    </>
  );
}
