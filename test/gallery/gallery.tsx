/**
 * Every component with made-up content, also of features that the pages do not have yet: a page of
 * `npm run dev`, drawn and checked in Chromium like the others. Nothing in it does anything.
 */

import { NO_ROLES } from '../../src/access/role.js';
import type { JSX } from 'preact';
import type { Assets } from '../../src/web/assets.js';
import { NO_FIELDS } from '../../src/web/fields.js';
import { renderPage } from '../../src/web/layout.js';
import { Band } from '../../src/web/parts/band.js';
import { Chip } from '../../src/web/parts/chip.js';
import { page, type SignedInVisit } from '../../src/web/visit.js';
import { AN_ORIGIN, aUser } from '../support/build.js';
import { Answers } from './answers.js';
import { Lists } from './lists.js';
import { Questions } from './questions.js';
import { TokenPieces } from './token-pieces.js';

export function galleryPage(assets: Assets): string {
  return renderPage({
    assets,
    registryHost: 'registry.example.com',
    visit: aVisit(),
    answer: page('Gallery', <Gallery />, { band: <GalleryBand /> }),
  });
}

function GalleryBand(): JSX.Element {
  return (
    <Band
      crumbs={[
        { label: 'Home', href: '#home' },
        { label: 'tanuki', href: '#tanuki' },
        { label: 'Gallery', href: null },
      ]}
      icon="fingerprint-pattern"
      title="Gallery of components"
      chips={
        <>
          <Chip kind="good" icon="circle-check">
            active
          </Chip>
          <Chip kind="info" icon="rotate-cw">
            2 secrets
          </Chip>
        </>
      }
      note="Made-up content"
      tabs={{
        label: 'Gallery',
        tabs: [
          { label: 'Overview', href: '#overview', isCurrent: false },
          { label: 'Deploy tokens', href: '#tokens', isCurrent: true, group: 'Settings' },
          { label: 'Issuers', href: '#issuers', isCurrent: false, group: 'Settings' },
        ],
      }}
    />
  );
}

function Gallery(): JSX.Element {
  return (
    <>
      <Lists />
      <TokenPieces />
      <Answers />
      <Questions />
    </>
  );
}

function aVisit(): SignedInVisit {
  return {
    method: 'GET',
    path: '/',
    url: '/',
    query: NO_FIELDS,
    form: NO_FIELDS,
    restored: null,
    csrf: 'made-up',
    origin: AN_ORIGIN,
    userAgent: '',
    record: {
      requestId: '',
      method: 'GET',
      path: '/',
      clientAddress: '',
      userAgent: '',
      status: 0,
      microseconds: 0,
      door: 'web',
      actor: null,
      asked: null,
      granted: null,
      refused: [],
      repository: null,
      refusedCredentials: null,
      deployToken: null,
      error: null,
      cause: null,
      git: null,
    },
    actor: {
      kind: 'user',
      user: aUser({ username: 'ada', isAdmin: true }),
      roles: NO_ROLES,
      credential: { kind: 'password', version: '1' },
      origin: AN_ORIGIN,
    },
    session: {
      id: 1,
      userId: 1,
      createdAt: NOW,
      lastSeenAt: NOW,
      expiresAt: NOW,
      client: '',
      address: '',
    },
  };
}

const NOW = new Date('2026-11-28T07:34:00Z');
