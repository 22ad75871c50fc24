import { VISIBILITIES, type Visibility } from '../access/project.js';
import { VISIBILITY_ICONS } from './place-frame.js';

const HINTS: Readonly<Record<Visibility, string>> = {
  private: 'Members pull and clone, as their role allows.',
  internal: 'Everybody who is signed in pulls and clones.',
  public: 'Everybody pulls and clones, without signing in.',
};

export const VISIBILITY_CHOICES = VISIBILITIES.map((value) => ({
  value,
  label: value.replace(/^./, (letter) => letter.toUpperCase()),
  hint: HINTS[value],
  icon: VISIBILITY_ICONS[value],
}));
