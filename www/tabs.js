// @ts-check
/** The tabs of the figure. What only one of its pictures needs is loaded when that is first shown. */

import { byId, setAttributes } from './dom.js';

/** @import { App, Dirty } from './app.js' */
/** @import { BoxesPart } from './boxes.js' */
/** @import { FlowPart } from './flow.js' */
/** @import { Pointer } from './pointer.js' */

/** Time for computing in one frame, ms: less than would be felt. */
const SLICE = 24;
/** @type {('unrolled' | 'flow')[]} */
const TABS = ['unrolled', 'flow'];

export class Tabs {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.tabs = TABS.map((name) => byId(`tab-${name}`, HTMLButtonElement));
    this.panel = byId('view', HTMLElement);
    this.root = document.documentElement;
    /** @type {FlowPart | null} */
    this.flow = null;
    /** @type {BoxesPart | null} */
    this.boxes = null;
    /** Shows what the focus is on, as it shows what is pointed at. @type {Pointer | null} */
    this.pointer = null;
    /** @type {Promise<void> | null} */
    this.loading = null;
    /** @type {Promise<void> | null} */
    this.loadingBoxes = null;
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

  /** Loads what draws the words of the flow figure, once. */
  load() {
    this.loading ??= import('./flow.js').then(({ FlowPart }) => {
      this.flow = new FlowPart(this.app);
      this.app.resized();
    });
    return this.loading;
  }

  /** Loads what draws boxes and arrows, once. */
  loadBoxes() {
    this.loadingBoxes ??= import('./boxes.js').then(async ({ BoxesPart, loadStyle }) => {
      await loadStyle();
      this.boxes = new BoxesPart(this.app, this.pointer);
      this.app.resized();
    });
    return this.loadingBoxes;
  }

  /** Loads what the present picture needs. */
  async needed() {
    const { picture } = this.app.overview;
    if (picture === 'flow') await this.load();
    if (picture === 'boxes') await this.loadBoxes();
  }

  /**
   * Goes on computing for a part of a frame; whether the figure can be drawn. Until then the last
   * picture stays.
   */
  ready() {
    const { session, overview } = this.app;
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
    setAttributes(this.root, { 'data-tab': tab === 'flow' ? tab : null });
    void this.needed();
    this.flow?.update(app, dirty);
    this.boxes?.update(app, dirty);
  }
}
