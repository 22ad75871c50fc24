import type { JSX } from 'preact';
import { Ask, AskPage } from '../../src/web/parts/ask.js';
import { Card, CardBody } from '../../src/web/parts/card.js';
import { Choices, Segments } from '../../src/web/parts/choices.js';
import { Field } from '../../src/web/parts/field.js';
import { Notice } from '../../src/web/parts/notice.js';

/** Fields that come with later features, in error too; and a question with the way that can be taken back. */
export function Questions(): JSX.Element {
  return (
    <>
      <Card
        id="trust"
        title="Which jobs may use it?"
        note="The job signs in with its own ID token."
      >
        <CardBody>
          <div class="pair">
            <Field
              type="select"
              id="issuer"
              name="issuer"
              label="Issuer"
              options={[{ value: 'github', label: 'GitHub Actions' }]}
              value="github"
            />
            <Field
              id="audience"
              name="audience"
              label="Audience"
              value="https://pullgate.example.com"
              error="Another issuer has this audience already."
              required
            />
          </div>
          <Choices
            id="reach"
            name="reach"
            legend="Reaches"
            type="radio"
            choices={[
              { value: 'all', label: 'Everything in tanuki', hint: 'Projects added later too.' },
              {
                value: 'only',
                label: 'Only some images',
                hint: 'It gets nothing else, not even later.',
              },
            ]}
            chosen={['only']}
            reveals={{
              value: 'only',
              content: (
                <Field
                  type="lines"
                  id="only"
                  name="only"
                  label="Only"
                  hint="One path below tanuki a line. Everything under a path is included."
                  value={'api\nworker'}
                  required
                />
              ),
            }}
          />
          <Segments
            id="test"
            name="test"
            legend="Test"
            type="radio"
            choices={[
              { value: 'is', label: 'is one of' },
              { value: 'matches', label: 'matches' },
            ]}
            chosen={['is']}
            error="Choose how the claim is tested."
          />
        </CardBody>
      </Card>
      <AskPage
        question={(id) => (
          <Ask
            id={id}
            title="Revoke cluster eu-west?"
            use={
              <Notice kind="bad" standing>
                <strong>It is in use.</strong> Last used a minute ago by containerd 1.7.22 at
                203.0.113.7; 853 times in 30 days from 6 addresses.
              </Notice>
            }
            action="#"
            csrf="made-up"
            keepIt={{ href: '#keep' }}
            instead={
              <button type="submit" class="button">
                Suspend instead
              </button>
            }
            doIt={
              <button type="submit" class="button solid">
                Revoke cluster eu-west
              </button>
            }
          >
            It is refused from the next request on, with both secrets. This cannot be undone. To see
            first who notices, suspend it: you can resume it at any time.
          </Ask>
        )}
      />
    </>
  );
}
