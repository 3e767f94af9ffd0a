// @ts-check
/** The tabs of the figure. What only one of the further ones needs is loaded when it is first shown. */

import { byId, setAttributes } from './dom.js';

/** @import { App, Dirty } from './app.js' */
/** @import { FlowPart } from './flow.js' */
/** @import { UpdatePart } from './update.js' */

/** Time for computing in one frame, ms: less than would be felt. */
const SLICE = 24;
/** Time for refining a picture that is drawn in the same frame, ms. */
const REFINING = 8;
/** @type {('unrolled' | 'flow' | 'update')[]} */
const TABS = ['unrolled', 'flow', 'update'];

export class Tabs {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.tabs = TABS.map((name) => byId(`tab-${name}`, HTMLButtonElement));
    this.panel = byId('view', HTMLElement);
    this.root = document.documentElement;
    /** @type {FlowPart | null} */
    this.flow = null;
    /** @type {UpdatePart | null} */
    this.step = null;
    /** @type {Map<string, Promise<void>>} */
    this.loading = new Map();
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

  /** Loads what draws the words of the present figure, once. */
  load() {
    const { tab } = this.app.overview;
    const known = this.loading.get(tab);
    if (known || tab === 'unrolled') return known;
    const loading = tab === 'flow'
      ? import('./flow.js').then(({ FlowPart }) => { this.flow = new FlowPart(this.app); })
      : import('./update.js').then(async ({ UpdatePart, styled }) => {
        await styled;
        this.step = new UpdatePart(this.app);
      });
    const done = loading.then(() => this.app.resized());
    this.loading.set(tab, done);
    return done;
  }

  /**
   * Goes on computing for a part of a frame; whether the figure can be drawn. Until then the last
   * picture stays.
   */
  ready() {
    const { session, overview } = this.app;
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
    if (overview.tab !== 'flow') return true;
    const end = performance.now() + SLICE;
    while (!session.flowAdvance()) if (performance.now() > end) return false;
    return true;
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
    void this.load();
    this.flow?.update(app, dirty);
    this.step?.update(app, dirty);
  }
}
