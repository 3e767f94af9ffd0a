// @ts-check
/** Starts the page: engine, session from the address, then every part of the screen in one loop. */

import init, { Session } from './pkg/unrolled.js';
import { App } from './app.js';
import { Controls } from './controls.js';
import { byId, el } from './dom.js';
import { Figure } from './figure.js';
import { connectFiles, copy } from './files.js';
import { Further } from './further.js';
import { Gutters } from './gutter.js';
import { connectHistory } from './history.js';
import { Inspector } from './inspector.js';
import { connectKeys } from './keys.js';
import { LaneList } from './lanes.js';
import { Legend } from './legend.js';
import { connectMessages, dismissError, showError } from './messages.js';
import { More } from './more.js';
import { Overlay } from './overlay.js';
import { connectPanels } from './panels.js';
import { Player } from './player.js';
import { Pointer } from './pointer.js';
import { Sequence } from './sequence.js';
import { recall } from './store.js';
import { Tabs } from './tabs.js';
import { connectTheme } from './theme.js';
import { Transport } from './transport.js';
import { Undo } from './undo.js';

/** @import { Session as Engine } from './engine.js' */

/** @param {string} message */
const wrongAddress = (message) => showError('Not opened', 'the address', message);

/**
 * The session that the address asks for; with a wrong address the opening one, and a message.
 * @returns {Promise<Engine>}
 */
async function firstSession() {
  const session = /** @type {Engine} */ (new Session());
  const hash = location.hash.slice(1);
  if (hash) {
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
  return session;
}

/** The address is the experiment's: the link to the figure moves the focus, and leaves the address alone. */
function connectSkip() {
  byId('skip', HTMLAnchorElement).addEventListener('click', (event) => {
    event.preventDefault();
    byId('figure', HTMLElement).focus();
  });
}

/** Starts everything. */
async function start() {
  connectSkip();
  connectMessages();
  const { memory } = await init();
  const app = new App(await firstSession(), memory);
  app.failed = (message) => showError('Not changed', '', message);
  app.succeeded = dismissError;
  connectTheme(app);
  connectHistory(app, wrongAddress);
  connectFiles(app);
  const { help, leave } = connectPanels(app);
  const tabs = new Tabs(app);
  const player = new Player(app);
  const pointer = new Pointer(app);
  tabs.pointer = pointer;
  const copyValue = (/** @type {string} */ text) => void copy(text);
  connectKeys(app, player, pointer, { help, leave, copy: copyValue });
  app.parts = [
    new Controls(app), new LaneList(app), new Legend(app), new Figure(app), new Gutters(), new Sequence(), new Overlay(), tabs, new Further(),
    new Transport(app), player, pointer, new Inspector(app, pointer, copyValue), new More(app), new Undo(app),
  ];
  await tabs.needed();
  byId('wait', HTMLElement).remove();
  app.draw();
  performance.mark('first-picture');
  document.documentElement.dataset['ready'] = '1';
}

start().catch((/** @type {unknown} */ error) => {
  const message = error instanceof Error ? error.message : String(error);
  document.getElementById('wait')?.replaceChildren(
    'The engine did not start. This page needs a browser with WebAssembly, and to be opened from a web server, not as a file. ',
    el('code', {}, message));
  console.error(error);
});
