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

document.addEventListener('DOMContentLoaded', () => {
  // A page that was shown as the answer to a sign-in has the sign-in's address until now.
  const address = document.querySelector('[data-address]')?.dataset.address;
  if (address) {
    history.replaceState(null, '', address);
  }
});

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
  const label = button.firstChild;
  const before = (button.dataset.label ??= label.textContent);
  label.textContent = isCopied ? 'Copied' : 'Selected';
  setTimeout(() => {
    label.textContent = before;
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
