// @ts-check
/** Files and links: open, save, drop, copy. Nothing leaves the machine. */

import { byId, el } from './dom.js';
import { chooseFile, dismissError, note, showError, showWarning } from './messages.js';

/** @import { App } from './app.js' */

/**
 * Copies a text and says so.
 * @param {string} text
 * @param {() => void} copied
 */
export async function copy(text, copied = () => note(`Copied ${text}`)) {
  try {
    await navigator.clipboard.writeText(text);
    copied();
  } catch {
    showError('Not copied', '', 'The browser does not let this page write to the clipboard.');
  }
}

/**
 * Opens a file: an experiment, or numbers; the engine tells which.
 * @param {App} app
 * @param {File} file
 */
async function open(app, file) {
  let text;
  try {
    text = await file.text();
  } catch (error) {
    showError('Not loaded', file.name, error instanceof Error ? error.message : String(error), chooseFile);
    return;
  }
  app.change((session) => session.openFile(text), {
    experiment: true, remember: 'push',
    failed: (message) => showError('Not loaded', file.name, message, chooseFile),
    done: () => note(`Opened ${file.name}`),
  });
}

/**
 * Gives a text to the browser as a download.
 * @param {string} name
 * @param {string} text
 * @param {string} type
 */
function download(name, text, type = 'application/json') {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = el('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
  note(`Saved ${name}`);
}

/**
 * The name of a lane's file.
 * @param {App} app
 * @param {number} lane
 * @param {string} what
 */
function fileName(app, lane, what) {
  const name = app.overview.lanes[lane]?.name ?? '';
  return `unrolled-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${what.toLowerCase()}.json`;
}

/**
 * Copies the link. An opened file may be too long for it: then it leads nowhere but in this tab.
 * @param {App} app
 */
function copyLink(app) {
  const { session } = app;
  const address = new URL(location.href);
  address.hash = session.hash();
  const copied = () => {
    if (session.stored() === undefined) note('Copied the link');
    else showWarning('Copied, for this tab only', 'The opened file is too long for a link. An experiment file carries it anywhere.', {
      text: 'Save the experiment file',
      work: () => {
        const { lane } = app.overview;
        dismissError();
        download(fileName(app, lane, 'experiment'), session.experimentFile(lane));
      },
    });
  };
  void copy(address.href, copied);
}

/**
 * Fills the save menu: an experiment and a trace of each lane.
 * @param {App} app
 * @param {HTMLElement} menu
 */
function fillMenu(app, menu) {
  const rows = app.overview.lanes.map((lane, k) => {
    const button = (/** @type {string} */ what, /** @type {() => string} */ text) => {
      const node = el('button', { type: 'button', 'aria-label': `${what} file of ${lane.name}` }, what);
      node.addEventListener('click', () => {
        menu.hidePopover();
        try {
          download(fileName(app, k, what), text());
        } catch (error) {
          showError('Not saved', lane.name, error instanceof Error ? error.message : String(error));
        }
      });
      return node;
    };
    return el('div', {}, el('b', {}, lane.name), button('Experiment', () => app.session.experimentFile(k)), button('Trace', () => app.session.traceFile(k)));
  });
  const drawing = el('button', { type: 'button' }, 'Figure as SVG');
  drawing.addEventListener('click', () => {
    menu.hidePopover();
    download('unrolled-figure.svg', app.session.svg({ ...app.viewport(), scale: 1 }), 'image/svg+xml');
  });
  const words = el('p', {}, 'An experiment file brings all lanes back, and the settings. A trace holds every number of its lane.');
  menu.replaceChildren(el('h2', {}, 'Save a file'), words, ...rows, el('div', {}, drawing));
}

/** @param {App} app */
export function connectFiles(app) {
  const input = byId('file', HTMLInputElement);
  byId('open', HTMLButtonElement).addEventListener('click', () => input.click());
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-choose-file]')) input.click();
  });
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file) void open(app, file);
    input.value = '';
  });

  const save = byId('save', HTMLButtonElement);
  const menu = byId('save-menu', HTMLElement);
  save.popoverTargetElement = menu;
  menu.addEventListener('beforetoggle', (event) => {
    if (!(event instanceof ToggleEvent)) return;
    const opens = event.newState === 'open';
    save.setAttribute('aria-expanded', String(opens));
    if (!opens) return;
    fillMenu(app, menu);
    const box = save.getBoundingClientRect();
    menu.style.top = `${box.bottom + 4}px`;
    menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - 260))}px`;
  });

  byId('copy', HTMLButtonElement).addEventListener('click', () => copyLink(app));

  const drop = byId('drop', HTMLElement);
  const carriesFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!carriesFile(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  addEventListener('dragleave', (event) => { if (!event.relatedTarget) drop.hidden = true; });
  addEventListener('drop', (event) => {
    drop.hidden = true;
    const file = event.dataTransfer?.files[0];
    if (!file) return;
    event.preventDefault();
    void open(app, file);
  });
}
