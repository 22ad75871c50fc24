import type { JSX } from 'preact';
import type { Project } from '../../../access/project.js';
import type { ImageTag, TagList } from '../../../services/image-tags.js';
import type { ProjectImage, ProjectImages } from '../../../services/project-images.js';
import { isFirstPage, Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Cell, Grid, GridRow, MainCell } from '../../parts/grid.js';
import { Empty, Notice } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { CopyButton } from '../../parts/take-along.js';
import { Ago } from '../../parts/time.js';
import { PlacePath } from '../../place-frame.js';
import type { Visit, WebDeps } from '../../visit.js';

/** Of an image in the list; all of them are on a page of their own. */
const TAGS_NAMED = 3;

interface ImagesProps {
  readonly deps: WebDeps;
  readonly visit: Visit;
  readonly project: Project;
}

/** What the registry holds of the project, by page. */
export function Images(props: ImagesProps & { readonly images: ProjectImages }): JSX.Element {
  const { visit, images } = props;
  const { items, next, isWhole } = images;
  const isOnly = next === null && isFirstPage(visit.query);
  return (
    <Card id="images" title="Images" {...(isOnly && { count: items.length })}>
      {!isWhole && <RegistryAway />}
      {items.length === 0 ? <NoImages {...props} /> : <ImageTable {...props} />}
      {!isOnly && (
        <CardFoot>
          <span>By name</span>
          <Pages visit={visit} of="images" next={next} anchor="images" />
        </CardFoot>
      )}
    </Card>
  );
}

function RegistryAway(): JSX.Element {
  return (
    <Notice kind="warn" standing>
      <strong>The registry has not answered yet.</strong> Tags are missing below. Load the page
      again in a moment.
    </Notice>
  );
}

function NoImages({ images }: { readonly images: ProjectImages }): JSX.Element | null {
  return images.isWhole ? (
    <Empty icon="container" title="No image yet">
      Images that are pushed to this project appear here.
    </Empty>
  ) : null;
}

function ImageTable(props: ImagesProps & { readonly images: ProjectImages }): JSX.Element {
  const { deps, project, images } = props;
  return (
    <Grid caption="Images" columns={[{ name: 'Image' }, { name: 'Newest tag', width: 'used' }]}>
      {images.items.map(({ repository, tags }) => (
        <GridRow key={repository}>
          <MainCell
            icon="container"
            title={
              <a href={imageAddress(project, repository)}>
                <PlacePath path={repository} />
              </a>
            }
            sub={tags === null ? 'tags not known now' : tagsText(tags)}
          />
          <NewestCell tag={tags?.tags[0]} now={deps.now()} />
        </GridRow>
      ))}
    </Grid>
  );
}

function imageAddress({ path }: Project, repository: string): string {
  return `/${path}?${new URLSearchParams({ image: repository }).toString()}#images`;
}

function tagsText({ tags, more }: TagList): string {
  if (tags.length === 0) {
    return 'no tag: what it holds is pulled by digest alone';
  }
  const named = tags.slice(0, TAGS_NAMED).map(({ name }) => name);
  const others = tags.length - named.length + more;
  return named.join(', ') + (others === 0 ? '' : ` and ${others} more`);
}

function NewestCell(props: {
  readonly tag: ImageTag | undefined;
  readonly now: Date;
}): JSX.Element {
  const { tag, now } = props;
  return tag === undefined ? (
    <Cell of="Newest tag" first={<span class="muted">–</span>} />
  ) : (
    <Cell of="Newest tag" first={<code>{tag.name}</code>} second={<Built tag={tag} now={now} />} />
  );
}

function Built(props: { readonly tag: ImageTag; readonly now: Date }): JSX.Element {
  const { createdAt } = props.tag;
  return createdAt === null ? (
    <>age not known</>
  ) : (
    <>
      built <Ago instant={createdAt} now={props.now} />
    </>
  );
}

/** One image, with how to pull each of its tags. */
export function ImageTags(props: ImagesProps & { readonly image: ProjectImage }): JSX.Element {
  const { project, image } = props;
  return (
    <Card
      id="images"
      title={image.repository}
      note={<a href={`/${project.path}#images`}>All images of the project</a>}
    >
      {image.tags === null ? <RegistryAway /> : <Tags {...props} list={image.tags} />}
    </Card>
  );
}

function Tags(
  props: ImagesProps & { readonly image: ProjectImage; readonly list: TagList },
): JSX.Element {
  const { deps, image, list } = props;
  if (list.tags.length === 0) {
    return (
      <Empty icon="container" title="No tag">
        What this image holds is pulled by digest alone.
      </Empty>
    );
  }
  return (
    <>
      <Rows>
        {list.tags.map((tag) => (
          <Row
            key={tag.name}
            icon="container"
            title={tag.name}
            meta={
              <>
                <code id={`pull-${tag.name}`}>{pullCommand(deps, image.repository, tag)}</code>
                {' · '}
                <Built tag={tag} now={deps.now()} />
              </>
            }
            end={<CopyButton of={`pull-${tag.name}`} label={`docker pull of ${tag.name}`} />}
          />
        ))}
      </Rows>
      {list.more > 0 && (
        <CardFoot>
          <span>
            {list.tags.length} of {list.tags.length + list.more} tags
          </span>
        </CardFoot>
      )}
    </>
  );
}

export function pullCommand(
  { registryHost }: Pick<WebDeps, 'registryHost'>,
  repository: string,
  { name }: Pick<ImageTag, 'name'>,
): string {
  return `docker pull ${registryHost}/${repository}:${name}`;
}
