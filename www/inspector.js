// @ts-check
/** The right column: the pointed or pinned cell's value, its cell as a drawing, the equations that made it; the caption. */

import { byId, el, setAttributes, setText, unbroken } from './dom.js';
import { key, setKey } from './marks.js';
import { math, patchMath } from './math.js';
import { fill } from './panels.js';
import { Equations, Shares } from './terms.js';

/** @import { App } from './app.js' */
/** @import { Diagram } from './diagram.js' */
/** @import { Inspection } from './engine.js' */
/** @typedef {ReturnType<typeof import('./light.js').lightsOf>} Lights */
/** @import { Pointer } from './pointer.js' */

export class Inspector {
  /**
   * @param {App} app
   * @param {Pointer} pointer
   * @param {(text: string) => void} copy
   */
  constructor(app, pointer, copy) {
    this.app = app;
    this.pointer = pointer;
    this.root = byId('inspector', HTMLElement);
    this.caption = byId('caption', HTMLElement);
    this.key = key();
    this.name = el('span');
    this.where = el('span', { class: 'where' });
    this.symbol = math('');
    this.value = el('b');
    this.word = el('span', { class: 'word' });
    this.full = el('code');
    this.copy = el('button', { type: 'button', title: 'Copy the full value (C)' }, 'Copy');
    this.copy.addEventListener('click', () => copy(this.full.textContent ?? ''));
    this.pin = el('button', { type: 'button', 'aria-pressed': 'false' }, 'Pin');
    this.pin.addEventListener('click', () => {
      const { lane, unit, pinned } = app.overview;
      app.select(lane, app.overview.symbol, unit, !pinned);
    });
    const acts = {
      unfold: (/** @type {string} */ name) => app.change((session) => session.unfold(name)),
      copy: (/** @type {string[]} */ names) => {
        const lines = names.map((name) => app.session.latex(name)).filter(Boolean);
        copy(`\\begin{gather*}\n${lines.join(' \\\\\n')}\n\\end{gather*}`);
      },
    };
    this.forward = new Equations('Forward, this unit', '', acts);
    this.backward = new Equations('Backward, this unit', 'back', acts);
    this.shares = new Shares(acts);
    this.place = el('div', { class: 'cell-place' });
    this.operation = el('span', { class: 'operation' });
    this.back = el('button', { type: 'button', class: 'step', title: 'One operation back', 'aria-label': 'One operation back' }, '◂');
    this.on = el('button', { type: 'button', class: 'step', title: 'One operation on', 'aria-label': 'One operation on' }, '▸');
    this.table = el('button', { type: 'button', class: 'plain', 'aria-haspopup': 'dialog' }, 'All wires');
    this.steps = el('div', { class: 'steps', role: 'group', 'aria-label': 'Operations of the step' }, this.back, this.operation, this.on, this.table);
    this.back.addEventListener('click', () => this.operate(false));
    this.on.addEventListener('click', () => this.operate(true));
    this.table.addEventListener('click', () => this.showTable());
    /** @type {Diagram | null} */
    this.diagram = null;
    /** @type {Lights | null} */
    this.lights = null;
    /** @type {Inspection | null} */
    this.shown = null;
    // What is in a drawer that is shut is not written; it is when it opens, before that is seen.
    new ResizeObserver(() => {
      const shut = this.root.offsetWidth === 0;
      if (shut !== app.inspects) return;
      app.inspects = !shut;
      if (!shut) app.draw();
    }).observe(this.root);
    this.root.addEventListener('pointerover', (event) => this.pointed(event.target));
    this.root.addEventListener('pointerleave', () => this.lights?.light([]));
    this.root.addEventListener('focusin', (event) => this.pointed(event.target));
    this.root.addEventListener('click', (event) => {
      const go = event.target instanceof Element && event.target.closest('[data-go]')?.getAttribute('data-go');
      if (go) this.walk(go);
    });
  }

  /** Fills the column, once. */
  build() {
    const equals = el('span', {}, ' = ');
    this.root.append(
      el('header', {}, el('h2', {}, this.key, this.name), this.where),
      el('div', { class: 'reading' },
        el('span', { class: 'value' }, this.symbol, equals, this.value), this.word,
        this.full, el('span', { class: 'acts' }, this.copy, this.pin)),
      this.place,
      this.steps,
      this.forward.node, this.backward.node, this.shares.node, el('div', { id: 'inspector-more' }));
    void this.load();
  }

  /** The drawing comes after the first picture. */
  async load() {
    const [{ Diagram, styled }, { lightsOf }] = await Promise.all([import('./diagram.js'), import('./light.js')]);
    await styled;
    this.lights = lightsOf(this.app);
    const acts = {
      light: (/** @type {string} */ wire, /** @type {string} */ go, /** @type {string} */ equation) => this.lights?.light(wire ? [wire] : [], go ? [go] : [], equation),
      walk: (/** @type {string} */ go) => this.walk(go),
    };
    this.diagram = new Diagram(this.app, acts);
    this.place.replaceChildren(this.diagram.node);
    if (!this.shown) return;
    this.diagram.update(this.shown);
    this.lights.own();
  }

  /**
   * A term that is pointed at lights, with all that belongs to it.
   * @param {EventTarget | null} target
   */
  pointed(target) {
    // The drawing and the matrices say themselves what lights.
    if (!(target instanceof Element) || target.closest('svg.cell, .grid')) return;
    const lit = target.closest('[data-wire]') ?? target.querySelector(':scope > math > [data-wire]');
    const go = target.closest('[data-go]') ?? lit;
    const [wire, cell] = [lit?.getAttribute('data-wire'), go?.getAttribute('data-go')];
    // Beside its terms an equation lights all wires that carry what stands in it.
    const equation = lit ? null : target.closest('.eq')?.getAttribute('data-name');
    const wires = equation ? this.diagram?.wiresOf(equation) : undefined;
    this.lights?.light(wire ? [wire] : wires ?? [], cell ? [cell] : [], equation ?? '');
  }

  /**
   * Follows a term to what made it.
   * @param {string} go
   */
  walk(go) {
    this.app.change((session) => session.walk(go), { remember: go.startsWith('=') ? 'replace' : 'walk' });
    this.lights?.light([]);
    if (go.startsWith('w.')) {
      this.app.reveal();
      return;
    }
    // `dy.3` stands in the equation `dy`.
    const name = go.split('=')[1]?.split('.')[0];
    if (!name) return;
    // It unfolds in the next frame.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const place = this.root.querySelector(`:is(.eq, .shares tr)[data-name="${CSS.escape(name)}"]`);
      place?.scrollIntoView({ block: 'nearest' });
      // Who came from the matrices goes on from there.
      if (!go.startsWith('=')) place?.querySelector('button')?.focus({ preventScroll: true });
    }));
  }

  /**
   * On the way back its equations come first.
   * @param {boolean} backward
   */
  order(backward) {
    const first = backward ? this.backward.node : this.forward.node;
    if (this.steps.nextElementSibling === first) return;
    this.steps.after(...(backward ? [this.backward.node, this.shares.node, this.forward.node] : [this.forward.node, this.backward.node, this.shares.node]));
  }

  /** @param {boolean} on */
  operate(on) {
    this.app.change((session) => session.operate(on));
  }

  showTable() {
    const dialog = byId('table-dialog', HTMLDialogElement);
    if (!this.diagram || !this.shown) return;
    fill(dialog, 'table-title', `${this.shown.title} cell, ${this.shown.where}`, this.diagram.table());
    dialog.showModal();
  }

  /** @param {App} app */
  update(app) {
    if (!this.root.firstChild) this.build();
    const { overview, session } = app;
    // The tab Spectrum has a column of its own.
    if (app.present || !app.inspects || overview.tab === 'spectrum') {
      this.say(app);
      return;
    }
    const shown = (overview.pinned ? null : this.pointer.peek) ?? session.inspect();
    this.shown = shown;
    const lane = overview.lanes[shown.lane];
    if (lane) setKey(this.key, lane.mark);
    setText(this.name, shown.title);
    setText(this.where, shown.where);
    this.where.title = shown.where;
    patchMath(this.symbol, shown.symbol);
    setText(this.value, shown.value);
    setText(this.word, shown.word);
    setText(this.full, shown.full);
    setText(this.pin, overview.pinned ? 'Unpin' : 'Pin');
    setAttributes(this.pin, { 'aria-pressed': String(overview.pinned), title: overview.pinned ? 'Let the column follow the pointer' : 'Keep this unit in the column' });
    const symbol = (overview.pinned ? null : this.pointer.peek && this.pointer.pick?.symbol) ?? app.overview.symbol;
    this.order(overview.phase === 'backward');
    this.diagram?.update(shown);
    this.lights?.own();
    const { operation } = overview;
    const { operations } = shown;
    setText(this.operation, operation && shown.operation ? `${operation} of ${operations}: ${shown.operation.title}` : `${operations} operations`);
    this.forward.update(shown.forward, symbol.split('.')[0] ?? '', shown.weights);
    this.backward.update(shown.backward, '', shown.weights);
    this.shares.update(shown.shares, shown.weights, shown.counted, overview);
    this.reflect(shown);
    this.say(app);
  }

  /**
   * A cell of a heat map that is pointed at lights its wire and its terms.
   * @param {Inspection} shown
   */
  reflect(shown) {
    const { pick } = this.pointer;
    if (!this.lights || !pick || pick.unit === null) {
      if (this.reflected) this.lights?.light([]);
      this.reflected = false;
      return;
    }
    const { overview } = this.app;
    const own = !overview.pinned || (pick.lane === shown.lane && pick.unit === overview.unit);
    const back = overview.pinned ? overview.t - pick.t : 0;
    const wire = back === 0 ? pick.symbol : back === 1 && ['h', 'C', 's'].includes(pick.symbol) ? `${pick.symbol}_prev` : '';
    this.reflected = true;
    this.lights.light(own && wire ? [wire] : []);
  }

  reflected = false;
  /** Whether the pass ran at the last drawing. */
  ran = false;

  /**
   * The caption is read aloud when it comes to rest, not at every step of a run.
   * @param {App} app
   */
  say(app) {
    setAttributes(this.caption, { 'aria-live': app.playing ? 'off' : 'polite' });
    const [lead, rest] = this.caption.children;
    const { lead: first, text } = app.session.caption();
    if (lead && rest) {
      setText(lead, `${unbroken(first)} `);
      setText(rest, unbroken(text));
      // The words are there already: put in again, they are read.
      if (this.ran && !app.playing) requestAnimationFrame(() => lead.replaceChildren(lead.textContent ?? ''));
    }
    this.ran = app.playing;
  }
}
