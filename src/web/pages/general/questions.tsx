/** Before a project is seen by others than now, or becomes read-only: what that changes, and for whom. */

import type { JSX } from 'preact';
import type { Project, Visibility } from '../../../access/project.js';
import { addressOf } from '../../addresses.js';
import { Ask, AskFirst, AskPage, type KeepIt } from '../../parts/ask.js';
import type { SignedInVisit } from '../../visit.js';

export interface QuestionProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
}

const EFFECTS: Readonly<Record<Visibility, string>> = {
  private:
    'Only members, and deploy tokens that reach it, pull and clone. Everybody else is refused from ' +
    'the next request on.',
  internal:
    'Everybody who is signed in sees it, pulls and clones. Strangers are refused from the next ' +
    'request on.',
  public: 'Everybody sees it, pulls and clones, without signing in: whoever reaches this server.',
};

export function VisibilityPage(
  props: QuestionProps & { readonly visibility: Visibility },
): JSX.Element {
  const { visit, project, visibility } = props;
  const here = addressOf('general', { place: project.path });
  return (
    <AskPage
      question={(id) => (
        <Ask
          id={id}
          title={`Make ${project.path} ${visibility}?`}
          action={here}
          csrf={visit.csrf}
          keepIt={{ href: here }}
          keepLabel={`Keep it ${project.visibility}`}
          doIt={
            <>
              <input type="hidden" name="visibility" value={visibility} />
              <button type="submit" class="button solid" name="do" value="visibility">
                Make it {visibility}
              </button>
            </>
          }
        >
          {EFFECTS[visibility]}
        </Ask>
      )}
    />
  );
}

/** The link to the question. */
export function ArchiveFirst(props: QuestionProps): JSX.Element {
  const { project } = props;
  return (
    <AskFirst
      id="archive"
      href={`${addressOf('general', { place: project.path })}?archive=yes`}
      label="Archive project…"
      class="button"
      question={(id) => <Archive {...props} id={id} keepIt="closes-dialog" />}
    />
  );
}

export function ArchivePage(props: QuestionProps): JSX.Element {
  const keepIt = { href: addressOf('general', { place: props.project.path }) };
  return <AskPage question={(id) => <Archive {...props} id={id} keepIt={keepIt} />} />;
}

function Archive(
  props: QuestionProps & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, project, id, keepIt } = props;
  return (
    <Ask
      id={id}
      title={`Archive ${project.path}?`}
      action={addressOf('general', { place: project.path })}
      csrf={visit.csrf}
      keepIt={keepIt}
      keepLabel="Keep it active"
      doIt={
        <button type="submit" class="button solid" name="do" value="archive">
          Archive it
        </button>
      }
    >
      Pushes of images and code are refused from the next request on. Members and deploy tokens go
      on pulling and cloning. You can unarchive it at any time.
    </Ask>
  );
}
