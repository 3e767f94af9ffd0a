// @ts-check
/**
 * Starts the page: the first picture by the opening of the engine, which is small, then all the rest by the whole one.
 * An address that asks for more than the opening experiment waits for the whole engine.
 */

import init, { Session } from './pkg/opening.js';
import { App } from './app.js';
import { byId, el } from './dom.js';
import { firstParts } from './first.js';
import { connectTheme } from './theme.js';

/** @import { Session as Engine } from './engine.js' */

/**
 * Keeps what is clicked and typed before the page can answer; it is done by the function that this returns.
 * @returns {() => void}
 */
function keepEvents() {
  /** @type {Event[]} */
  const kept = [];
  const keep = (/** @type {Event} */ event) => {
    if (event instanceof KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab') return;
      kept.push(new KeyboardEvent(event.type, event));
    } else {
      event.preventDefault();
      kept.push(new MouseEvent(event.type, /** @type {MouseEvent} */ (event)));
    }
    event.stopImmediatePropagation();
    targets.push(event.target);
  };
  /** @type {(EventTarget | null)[]} */
  const targets = [];
  const types = ['click', 'keydown'];
  for (const type of types) addEventListener(type, keep, true);
  return () => {
    for (const type of types) removeEventListener(type, keep, true);
    kept.forEach((event, k) => targets[k]?.dispatchEvent(event));
  };
}

/** Draws the first picture. */
async function open() {
  const { memory } = await init();
  const session = new Session();
  const app = new App(/** @type {Engine} */ (session), memory);
  app.parts = firstParts(app);
  connectTheme(app);
  try {
    app.draw();
  } catch (error) {
    // The opening lacks what this screen needs: the whole engine draws it.
    console.warn(error);
    return { app, session };
  }
  byId('wait', HTMLElement).remove();
  performance.mark('first-picture');
  return { app, session };
}

/**
 * Lets go of the opening's session, whose engine is thrown away: the opening itself cannot free it.
 * @param {Session & { __destroy_into_raw?: () => number }} session
 */
function abandon(session) {
  session.__destroy_into_raw?.();
}

/** Loads the rest of the page and its whole engine. */
async function load() {
  const [{ complete }, engine] = await Promise.all([import('./whole.js'), import('./pkg/unrolled.js')]);
  const { memory } = await engine.default();
  return { complete, Session: engine.Session, memory };
}

/** Starts everything. */
async function start() {
  const release = keepEvents();
  const first = location.hash ? null : await open().catch((/** @type {unknown} */ error) => console.warn(error));
  const { complete, Session: Whole, memory } = await load();
  await complete(first?.app ?? null, /** @type {Engine} */ (new Whole()), memory);
  if (first) abandon(first.session);
  release();
}

start().catch((/** @type {unknown} */ error) => {
  const message = error instanceof Error ? error.message : String(error);
  const bar = byId('error', HTMLElement);
  (document.getElementById('wait') ?? bar).replaceChildren(
    'The engine did not start. This page needs a browser with WebAssembly, and to be opened from a web server, not as a file. ',
    el('code', {}, message));
  bar.hidden = Boolean(document.getElementById('wait'));
  console.error(error);
});
