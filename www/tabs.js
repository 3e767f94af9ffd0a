// @ts-check
/** The tabs of the figure. What only one of its pictures needs is loaded when that is first shown. */

import { byId, setAttributes } from './dom.js';
import { note } from './messages.js';

/** @import { App, Dirty, Part } from './app.js' */
/** @import { Overview, Tab } from './engine.js' */
/** @import { Pointer } from './pointer.js' */
/** @typedef {Overview['picture']} Picture */

/** Time for computing in one frame, ms: less than would be felt; beside drawing, and where a drawing may follow. */
const SLICE = 20;
const SHORT = 12;
const BEFORE = 14;
/** Time for refining a picture that is drawn in the same frame, ms. */
const REFINING = 8;
/** @type {Tab[]} */
const TABS = ['unrolled', 'flow', 'spectrum', 'update'];

/** What draws a picture but heat maps, loaded when it is first shown. @type {Record<string, (app: App, pointer: Pointer | null) => Promise<Part>>} */
const PARTS = {
  boxes: async (app, pointer) => (await import('./boxes.js')).boxesPart(app, pointer),
  flow: async (app) => (await import('./flow.js')).flowPart(app),
  spectrum: async (app) => (await import('./spectrum.js')).spectrumPart(app),
  update: async (app) => (await import('./update.js')).updatePart(app),
};

/**
 * Opens the menu of lessons under the button that asks for it; it is loaded then.
 * @param {App} app
 * @param {HTMLButtonElement[]} buttons
 */
function connectLessons(app, buttons) {
  const menu = byId('lesson-menu', HTMLElement);
  for (const button of buttons) {
    button.addEventListener('click', async () => {
      if (menu.matches(':popover-open')) return;
      (await import('./lessons.js')).fillLessons(app);
      const box = button.getBoundingClientRect();
      menu.style.top = `${box.bottom + 4}px`;
      menu.style.left = `${Math.max(8, box.left - 12)}px`;
      menu.showPopover();
      menu.querySelector('a')?.focus();
    });
  }
  menu.addEventListener('toggle', (event) => {
    const open = event instanceof ToggleEvent && event.newState === 'open';
    for (const button of buttons) setAttributes(button, { 'aria-expanded': String(open) });
  });
}

export class Tabs {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.tabs = TABS.map((name) => byId(`tab-${name}`, HTMLButtonElement));
    this.panel = byId('view', HTMLElement);
    this.root = document.documentElement;
    /** @type {Map<Picture, Part>} */
    this.parts = new Map();
    /** @type {Map<Picture, Promise<void>>} */
    this.loading = new Map();
    /** What the figure of steps was drawn for. */
    this.seen = { position: 0, lane: 0, missing: 0 };
    this.lesson = byId('lesson', HTMLElement);
    /** @type {import('./lessons.js').Banner | null} */
    this.banner = null;
    /** @type {Promise<void> | null} */
    this.telling = null;
    this.buttons = [byId('lessons', HTMLButtonElement), byId('lessons-here', HTMLButtonElement)];
    connectLessons(app, this.buttons);
    /** Shows what the focus is on, as it shows what is pointed at. @type {Pointer | null} */
    this.pointer = null;
    /** Since when the flow is waited for, 0 where it is there; whether a further slice is asked for. */
    this.flow = { since: 0, asked: false };
    /** Brings that slice as soon as the page has answered what waits, and not a frame later. */
    this.further = new MessageChannel();
    this.further.port1.onmessage = () => {
      this.flow.asked = false;
      if (app.overview.tab === 'flow') this.flows(performance.now() + SLICE);
    };
    app.ready = () => this.ready();
    this.tabs.forEach((tab, k) => {
      tab.addEventListener('click', () => this.show(k));
      tab.addEventListener('keydown', (event) => this.key(event, k));
    });
  }

  /** @param {number} k */
  show(k) {
    const name = TABS[k];
    if (!name || name === this.app.overview.tab) return;
    this.app.change((session) => session.setTab(name), { experiment: true, remember: 'push' });
    // The next key may come before the next frame.
    this.app.overview.tab = name;
  }

  /** Shows the next figure. */
  turn() {
    const next = (TABS.indexOf(this.app.overview.tab) + 1) % TABS.length;
    this.show(next);
    note(this.tabs[next]?.textContent ?? '');
  }

  /**
   * ← and → go through the tabs and show them; Home and End are the first and the last.
   * @param {KeyboardEvent} event
   * @param {number} k
   */
  key(event, k) {
    const to = { ArrowLeft: k - 1, ArrowRight: k + 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const at = (to + TABS.length) % TABS.length;
    this.show(at);
    this.tabs[at]?.focus();
  }

  /** Loads what draws the present picture, once. */
  needed() {
    const { picture } = this.app.overview;
    const make = PARTS[picture];
    if (!make) return Promise.resolve();
    const loading = this.loading.get(picture) ?? make(this.app, this.pointer).then((part) => {
      this.parts.set(picture, part);
      this.app.resized();
    });
    this.loading.set(picture, loading);
    return loading;
  }

  /**
   * Goes on computing for a part of a frame; whether the figure can be drawn. Until then the last
   * picture stays. The figure of steps shows what is there, and goes on in the next frame.
   */
  ready() {
    const { session, overview } = this.app;
    if (overview.tab === 'spectrum') return this.spectrum();
    if (overview.tab === 'update') {
      // The map gets finer while the rest is there already; what a hand asks for is drawn before that.
      const end = performance.now() + REFINING;
      while (this.app.since || !session.updateAdvance()) {
        if (this.app.since || performance.now() > end) {
          this.app.schedule();
          break;
        }
      }
    }
    const { flow } = this;
    if (overview.tab !== 'flow') {
      flow.since = 0;
      return true;
    }
    const { began } = this.app;
    if (!this.flows(began + SLICE)) return false;
    const { since } = flow;
    flow.since = 0;
    return this.parts.get('flow')?.ready?.(began + SHORT, since) ?? true;
  }

  /**
   * Goes on with the flow until `end`, then between frames; whether all of it is there.
   * @param {number} end
   */
  flows(end) {
    const { app, flow, further } = this;
    while (!app.session.flowAdvance()) {
      if (performance.now() < end) continue;
      flow.since ||= app.began;
      if (!flow.asked) further.port2.postMessage(null);
      flow.asked = true;
      return false;
    }
    return true;
  }

  /** Draws when something changed or a lane is complete; else goes on computing. */
  spectrum() {
    const { app, seen } = this;
    const { position, lane } = app.overview;
    const moved = app.dirty.experiment || app.dirty.layout || position !== seen.position || lane !== seen.lane;
    const end = app.began + (moved ? SHORT : BEFORE);
    const { missing } = seen;
    let left = app.session.spectrumAdvance();
    while (left && performance.now() < end) left = app.session.spectrumAdvance();
    this.seen = { position, lane, missing: left };
    if (left) app.schedule();
    // What the figure says in words is said anew when all of it is there.
    else if (missing) app.dirty.layout = true;
    return moved || left !== missing;
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { tab } = app.overview;
    this.tabs.forEach((node, k) => {
      const chosen = TABS[k] === tab;
      setAttributes(node, { 'aria-selected': String(chosen), tabindex: chosen ? 0 : -1 });
    });
    setAttributes(this.panel, { 'aria-labelledby': `tab-${tab}` });
    setAttributes(this.root, { 'data-tab': tab === 'unrolled' ? null : tab });
    if (!this.parts.has(app.overview.picture)) void this.needed();
    for (const part of this.parts.values()) part.update(app, dirty);
    this.teach(app);
  }

  /**
   * What the opened lesson says.
   * @param {App} app
   */
  teach({ overview: { lesson } }) {
    setAttributes(this.lesson, { class: lesson ? 'lesson told' : 'lesson' });
    if (this.banner) this.banner.update(lesson);
    else if (lesson) this.needBanner();
  }

  /** Loads what shows an opened lesson, once. */
  needBanner() {
    this.telling ??= import('./lessons.js').then(({ Banner }) => {
      this.banner = new Banner(this.app, this.lesson);
      this.app.resized();
    });
  }
}
