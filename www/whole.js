// @ts-check
/** All of the page that comes after the first picture, and the session of the whole engine. */

import { App } from './app.js';
import { Controls } from './controls.js';
import { addStyle, byId } from './dom.js';
import { connectFiles, copy } from './files.js';
import { firstParts } from './first.js';
import { connectHistory } from './history.js';
import { Inspector } from './inspector.js';
import { connectKeys } from './keys.js';
import { LaneList } from './lanes.js';
import { connectMessages, dismissError, note, showError } from './messages.js';
import { More } from './more.js';
import { connectPanels } from './panels.js';
import { Player } from './player.js';
import { Pointer } from './pointer.js';
import { recall } from './store.js';
import { Tabs } from './tabs.js';
import { connectTheme } from './theme.js';
import { Undo } from './undo.js';

/** @import { Session } from './engine.js' */

const styled = Promise.all([
  addStyle(new URL('./style/panel.css', import.meta.url)),
  addStyle(new URL('./style/inspector.css', import.meta.url)),
  addStyle(new URL('./style/later.css', import.meta.url)),
]);

/** @param {string} message */
const wrongAddress = (message) => showError('Not opened', 'the address', message);

/**
 * Opens what the address asks for; a wrong one leaves the session as it is, and a message.
 * @param {Session} session
 */
async function openAddress(session) {
  const hash = location.hash.slice(1);
  if (!hash) return;
  try {
    try {
      session.open(hash, recall(hash));
    } catch (error) {
      const file = session.wanted();
      if (!file) throw error;
      await (await import('./data.js')).provide(session, file);
      session.open(hash, recall(hash));
    }
    session.settle(true); // where one begins is no step
  } catch (error) {
    wrongAddress(error instanceof Error ? error.message : String(error));
  }
}

/** The address is the experiment's: the link to the figure moves the focus, and leaves the address alone. */
function connectSkip() {
  byId('to-figure', HTMLAnchorElement).addEventListener('click', (event) => {
    event.preventDefault();
    byId('figure', HTMLElement).focus();
  });
}

/** Lets the browser draw and answer: all at once would hold it up for longer than is felt. */
const rest = () => new Promise((done) => { setTimeout(done); });

/**
 * Makes the page whole. Nothing of what the opening computed stays: the picture is drawn anew.
 * @param {App | null} first the page with its first picture, where there is one
 * @param {Session} session
 * @param {WebAssembly.Memory} memory
 */
export async function complete(first, session, memory) {
  connectSkip();
  connectMessages();
  await openAddress(session);
  await rest();
  const app = first ?? new App(session, memory);
  app.take(session, memory);
  if (!first) {
    app.parts = firstParts(app);
    connectTheme(app);
  }
  app.failed = (message) => showError('Not changed', '', message);
  app.succeeded = dismissError;
  connectHistory(app, wrongAddress);
  connectFiles(app);
  const { help, leave } = connectPanels(app);
  const tabs = new Tabs(app);
  const player = new Player(app);
  const pointer = new Pointer(app);
  tabs.pointer = pointer;
  const copyValue = (/** @type {string} */ text) => void copy(text);
  connectKeys(app, player, pointer, { help, leave, copy: copyValue, say: note, turn: () => tabs.turn() });
  const [controls, inspector] = [new Controls(app), new Inspector(app, pointer, copyValue)];
  app.parts = [
    controls, new LaneList(app), ...app.parts, tabs,
    player, pointer, inspector, new More(app), new Undo(app),
  ];
  await Promise.all([tabs.needed(), styled, rest()]);
  // What is longest about the first drawing comes before it, each in a task of its own.
  app.settings = session.settings();
  controls.update(app, app.dirty);
  await rest();
  inspector.update(app);
  await rest();
  document.getElementById('wait')?.remove();
  app.go();
  if (!performance.getEntriesByName('first-picture').length) performance.mark('first-picture');
  document.documentElement.dataset['ready'] = '1';
}
