// @ts-check
/** What opens over or beside the figure: drawers, the help, the table, present mode. */

import { byId, el, setText } from './dom.js';
import { KEYS } from './keys.js';
import { dismissError } from './messages.js';

/** @import { App } from './app.js' */

/**
 * A button that shows and hides a panel.
 * @param {string} buttonId
 * @param {string} panelId
 */
function drawer(buttonId, panelId) {
  const button = byId(buttonId, HTMLButtonElement);
  const panel = byId(panelId, HTMLElement);
  const set = (/** @type {boolean} */ open) => {
    panel.classList.toggle('shown', open);
    button.setAttribute('aria-expanded', String(open));
  };
  button.addEventListener('click', () => set(!panel.classList.contains('shown')));
  return () => {
    const was = panel.classList.contains('shown');
    set(false);
    return was;
  };
}

/**
 * Fills a dialog with a heading, a button that closes it, and what is wanted.
 * @param {HTMLDialogElement} dialog
 * @param {string} id
 * @param {string} title
 * @param {...Node} content
 */
export function fill(dialog, id, title, ...content) {
  const close = el('button', { type: 'button', class: 'edged' }, 'Close');
  close.addEventListener('click', () => dialog.close());
  dialog.replaceChildren(el('header', {}, el('h2', { id }, title), close), ...content);
}

/** @param {HTMLDialogElement} dialog */
function closeOutside(dialog) {
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
}

/** Where the page in one file stands beside this one, a link to it. */
function oneFile() {
  const file = document.querySelector('link[rel="alternate"]');
  if (!(file instanceof HTMLLinkElement)) return [];
  return [el('p', {}, el('a', { href: file.href, download: '' }, 'The page in one file'), ' opens from a disk or a USB stick, without network.')];
}

/** The help: keys, and how to read the figure. */
function helpContent() {
  const list = el('dl');
  for (const [keys, what] of KEYS) list.append(el('dt', {}, el('kbd', {}, keys ?? '')), el('dd', {}, what ?? ''));
  return [
    list,
    el('h3', {}, 'Reading the figure'),
    el('p', {}, 'Time runs left to right in every row. Each column of a heat map is one step, each line in it one hidden unit. Under them stands the gradient strip: how much of the gradient at the last step is left at step t, bar height and colour on one log scale for all lanes. The number at its left end says what reaches step 1.'),
    el('p', {}, 'Thick is done, thin is still to come. A bar under a prediction says that it is right. A hatch is an exact zero or a number that is not finite; the words say which. On a cell, the pointer shows its value, a click pins it, a drag moves the playhead.'),
    el('p', {}, 'Up to 12 steps can be shown as boxes and arrows: values in the boxes, each loss over its output, and on the way back each arrow as wide as the norm of its gradient, on a log scale, and where there is room the number.'),
    el('p', {}, 'In the tab Gradient flow each row of a matrix is one loss: how much of it is left at each earlier step, relative to where it enters. The bars under it add up what arrives at each step, by how many steps later the loss comes. The bars under those are the losses’ shares of the gradient of the recurrent weights: they add up to 1, and one that hangs down pulls against the others. ↑ and ↓, or a click on a row, follow another loss.'),
    el('p', {}, 'Of a stack the top layer stands on top; the chips beside a lane unfold what is below. In a lane that reads both ways, the rows under ← fill from right to left, with a playhead of their own, and their gradient travels from t = 1 to T. All layers are drawn at once; in truth a layer that reads both ways begins when the one below is done.'),
    el('p', {}, 'At the right stands the cell of the chosen unit: values on its wires, and on the way back their gradients, the wider the larger, on a log scale. Under it are its equations with the numbers that went in. Pointing at a term lights its wire and its cell; a click goes where it came from, ▸ shows every term of a sum.'),
    el('p', {}, 'Weights and inputs, at the foot of the inspector, holds every number of the lane: point at one for its value and its gradient, drag it up or down, or type another. An edge of ink marks what was changed. Check the gradient there holds all of them against central differences. The worksheet puts a small lane on paper, step by step.'),
    el('p', {}, 'Some data come with examples to learn from: Epochs learnt lets the lanes go through them, and says how many outputs are right on examples that were held out. Drag it back to see what they knew before.'),
    el('p', {}, 'In the tab Spectrum each plane shows the eigenvalues of one step, and of the recurrent matrix where there is one; the curves show every singular value of the product of all steps from T back to t, the dashed one the bound. Pull the dotted circle or an open ring to change ρ.'),
    el('p', {}, 'The tab Update shows the step that follows the backward pass: the whole gradient as one vector, and what clipping makes of it, by norm and by value; the loss around the weights, with the step drawn on it, as it is and clipped (ink line: where the loss is the present one; slate is lower, ochre higher, on log scales); and how many entries of the gradient have which size, negative ones at the left, exact zeros in the middle.'),
    el('p', {}, 'Open reads an experiment file, or a CSV of numbers with a row per step. A model of your own in PyTorch becomes such a file by docs/from_pytorch.py; docs/experiment-file.md describes it.'),
    el('p', {}, 'Everything runs in this page. The address holds the experiment and where you stand in it: a link or a bookmark brings both back. Back in the browser leads back through settings, lessons and walks; what one control did in quick succession is one step, there and for Ctrl Z.'),
    ...oneFile(),
  ];
}

/** @param {App} app */
export function connectPanels(app) {
  const drawers = [drawer('show-inspector', 'inspector'), drawer('show-experiment', 'experiment')];

  const head = byId('experiment-head', HTMLButtonElement);
  head.addEventListener('click', () => head.setAttribute('aria-expanded', String(head.getAttribute('aria-expanded') !== 'true')));
  // In the hand the experiment stands far below the figure.
  const there = el('button', { type: 'button', class: 'edged', id: 'to-experiment' }, 'Data and settings');
  there.addEventListener('click', () => {
    head.setAttribute('aria-expanded', 'true');
    head.scrollIntoView();
    head.focus({ preventScroll: true });
  });
  byId('lessons-here', HTMLButtonElement).after(there);

  const help = byId('help-dialog', HTMLDialogElement);
  closeOutside(help);
  const showHelp = () => {
    if (!help.firstChild) fill(help, 'help-title', 'Keys and reading', ...helpContent());
    if (!help.open) help.showModal();
  };
  byId('help', HTMLButtonElement).addEventListener('click', showHelp);

  const table = byId('table-dialog', HTMLDialogElement);
  closeOutside(table);
  byId('show-table', HTMLButtonElement).addEventListener('click', () => {
    const { head: names, rows } = app.session.table();
    const body = el('tbody', {}, ...rows.map((row) => el('tr', {}, ...row.map((cell, k) => (k === 0 ? el('th', { scope: 'row' }, cell) : el('td', {}, cell))))));
    const header = el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name))));
    const states = el('p', {}, 'Hidden states and gates are read in the inspector, one unit at a time: ↑ and ↓ on the figure choose it, ← and → the step. Save, Trace holds all of them.');
    fill(table, 'table-title', 'The figure as a table', el('p', {}, app.session.describe()), states, el('table', { 'aria-labelledby': 'table-title' }, header, body));
    table.showModal();
  });
  table.addEventListener('close', () => table.replaceChildren());

  const enter = byId('present', HTMLButtonElement);
  const setPresent = (/** @type {boolean} */ on) => {
    app.present = on;
    document.documentElement.toggleAttribute('data-present', on);
    app.resized();
    (on ? byId('figure', HTMLElement) : enter).focus({ preventScroll: true });
  };
  enter.addEventListener('click', () => setPresent(true));
  const leave = byId('leave', HTMLButtonElement);
  leave.addEventListener('click', () => setPresent(false));
  setText(leave, 'Esc leaves');

  return {
    help: showHelp,
    /** Lets go of one thing: a message, then present mode, then a drawer, then the pin. */
    leave() {
      if (dismissError()) return true;
      if (app.present) {
        setPresent(false);
        return true;
      }
      if (drawers.map((close) => close()).includes(true)) return true;
      const { lane, unit, pinned } = app.overview;
      if (pinned) app.select(lane, app.overview.symbol, unit, false);
      return pinned;
    },
  };
}
