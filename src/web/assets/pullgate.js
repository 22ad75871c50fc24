/** Conveniences only: every page works without this file. */

'use strict';

// Before the page is drawn, so that what needs a script takes its place at once.
document.documentElement.classList.add('js');

document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button?.dataset.copy) {
    void copy(button);
  } else if (button?.dataset.download) {
    download(button);
  }
});

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest('[data-close]')) {
    event.target.closest('dialog').close();
  }
});

/* The account menu closes when one goes on elsewhere. */
document.addEventListener('click', (event) => {
  const menu = document.querySelector('details.me[open]');
  if (menu && !menu.contains(event.target)) {
    menu.open = false;
  }
});

document.addEventListener('keydown', (event) => {
  const menu = document.querySelector('details.me[open]');
  if (menu && event.key === 'Escape') {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});

document.addEventListener('change', ({ target, isTrusted }) => {
  if (target.dataset.checks !== undefined) {
    checkDefaults(target);
  } else if (target.type === 'checkbox' && isTrusted) {
    // Chosen by hand: no default takes it back.
    target.dataset.chosen = '';
  }
  if (target.name === 'artefact') {
    localStorage.setItem('artefact', target.value);
  }
});

document.addEventListener('input', sayWhatWillBeMade);

document.addEventListener('input', ({ target }) => {
  if (target.dataset.several !== undefined && target.list) {
    offerNext(target);
  }
});

document.addEventListener('DOMContentLoaded', () => {
  // A page that was shown as the answer to a sign-in has the sign-in's address until now.
  const address = document.querySelector('[data-address]')?.dataset.address;
  if (address) {
    history.replaceState(null, '', address);
  }
  const last = document.getElementById(`artefact-${localStorage.getItem('artefact')}`);
  if (last?.closest('[data-remembers]')) {
    last.checked = true;
  }
  sayWhatWillBeMade();
  openFoldOfAddress();
});

addEventListener('hashchange', openFoldOfAddress);

/** A link to a fold opens it. */
function openFoldOfAddress() {
  const fold = location.hash && document.getElementById(location.hash.slice(1));
  if (fold?.tagName === 'DETAILS') {
    fold.open = true;
  }
}

/** Checks what the chosen answer needs, unless somebody has chosen already. */
function checkDefaults({ form, dataset }) {
  const boxes = [...form.querySelectorAll('input[type=checkbox]')];
  const values = dataset.checks.split(' ');
  if (dataset.checks === '' || boxes.some((box) => 'chosen' in box.dataset)) {
    return;
  }
  for (const box of boxes) {
    box.checked = values.includes(box.value);
  }
}

/** A browser completes the whole of a field: what stands before the last word becomes part of each offer. */
function offerNext({ value, list }) {
  const before = value.slice(0, value.search(/[^\s,]*$/));
  const given = before.split(/[\s,]+/);
  for (const option of list.options) {
    option.dataset.word ??= option.value;
    const { word } = option.dataset;
    option.value = before + word;
    option.disabled = given.includes(word);
  }
}

/** The name and the date, in the sentence that says what a form will make. */
function sayWhatWillBeMade() {
  for (const place of document.querySelectorAll('[data-text-of], [data-day-of]')) {
    place.dataset.before ??= place.textContent;
    const { textOf, dayOf, before } = place.dataset;
    const typed = document.getElementById(textOf ?? dayOf)?.value.trim();
    place.textContent = (dayOf ? longDay(typed) : typed) || before;
  }
}

function longDay(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(day.getTime())
    ? ''
    : new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(day);
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  let isCopied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP there is no clipboard to write to; the selection can be copied by hand.
    isCopied = false;
    if ('select' in source) {
      source.select();
    } else {
      getSelection().selectAllChildren(source);
    }
  }
  const label = button.querySelector('[data-says]');
  label.textContent = isCopied ? 'Copied' : 'Selected';
  setTimeout(() => {
    label.textContent = 'Copy';
  }, 2000);
}

function download(button) {
  const text = document.getElementById(button.dataset.download).textContent;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  link.download = button.dataset.fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
