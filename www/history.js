// @ts-check
/** The URL hash holds the experiment and the cursor; reload, back and forward restore them. */

import { SAME_HAND } from './app.js';
import { keep, recall } from './store.js';

/** @import { App } from './app.js' */

/** Browsers limit how often an address may change; 4 a second is safe everywhere. */
const PAUSE = 250;

/**
 * Connects an app with the address.
 * @param {App} app
 * @param {(message: string) => void} failed told when the address is wrong
 */
export function connectHistory(app, failed) {
  let timer = 0;
  let last = location.hash.slice(1);
  let pushed = -Infinity;
  /** The control that was used last. @type {string | undefined} */
  let used;
  let written = -Infinity;

  const address = () => (last ? `#${last}` : location.pathname + location.search);

  /** @param {'push' | 'replace'} how */
  const write = (how) => {
    clearTimeout(timer);
    timer = 0;
    const hash = app.session.hash();
    if (hash === last) return;
    written = performance.now();
    last = hash;
    keep(hash, app.session);
    if (how === 'push') history.pushState(null, '', address());
    else history.replaceState(null, '', address());
  };

  /** A wrong address gives way to that of what is on screen: a reload keeps it. */
  const correct = () => {
    last = app.session.hash();
    history.replaceState(null, '', address());
  };

  app.remember = (how, key) => {
    if (how === 'none') return;
    if (how === 'walk') {
      // Every click that leads on is a step back.
      write('push');
    } else if (how === 'push') {
      const now = performance.now();
      // A setting held down by the keyboard fires many commits: they are one step back.
      write(key !== undefined && key === used && now - pushed < SAME_HAND ? 'replace' : 'push');
      pushed = now;
      used = key;
    } else {
      // A single change is written at once: a reload reads the address before the page can say `pagehide`.
      timer ||= window.setTimeout(() => write('replace'), Math.max(0, written + PAUSE - performance.now()));
    }
  };

  const restore = () => {
    const hash = location.hash.slice(1);
    if (hash === last) return;
    clearTimeout(timer);
    timer = 0;
    last = hash;
    pushed = -Infinity;
    app.change((session) => session.open(hash, recall(hash)), {
      remember: 'none', experiment: true,
      done: () => app.settle(),
      failed: (message) => {
        correct();
        failed(message);
      },
    });
  };
  addEventListener('popstate', restore);
  addEventListener('hashchange', restore);
  addEventListener('pagehide', () => { if (timer) write('replace'); });
}
