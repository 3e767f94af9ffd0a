// @ts-check
/** Every number of the selected lane: looked at, and changed by hand. */

import { Check } from './check.js';
import { addStyle, byId, el, resize, setAttributes, setText } from './dom.js';
import { Entry } from './entry.js';
import { copy } from './files.js';
import { lightsOf } from './light.js';
import { math, patchMath } from './math.js';
import { fill } from './panels.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Area, EntryFacts, Matrices as Facts } from './engine.js' */

/** Its style sheet is in force. */
export const ready = addStyle(new URL('./style/matrices.css', import.meta.url));

/** A hand that moves less than this chooses; px. */
const STILL = 3;
/** Vertical travel that is one hundredth, px. */
const NOTCH = 2;
/** A finger needs wider cells: the sheet is so much wider than its place. */
const COARSE = 2.4;
/** At the sheet's sides, px. */
const MARGIN = 24;
/** What the arrows lead to: rows, columns. @type {Record<string, [number, number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Matrices {
  /**
   * @param {App} app
   * @param {HTMLElement} root
   */
  constructor(app, root) {
    this.app = app;
    this.root = root;
    /** @type {Facts | null} */
    this.facts = null;
    this.width = 0;
    this.coarse = matchMedia('(pointer: coarse)');
    this.measured = -1;
    this.painted = '';
    /** The entry that was brought into sight last. */
    this.shown = '';
    this.panels = el('div', { class: 'panels', role: 'radiogroup', 'aria-label': 'Matrix' });
    /** @type {HTMLLabelElement[]} */
    this.choices = [];
    this.view = el('span', { class: 'seg', role: 'radiogroup', 'aria-label': 'Shown' });
    this.views = /** @type {const} */ ([false, true]).map((gradient) => {
      const radio = el('input', { type: 'radio', name: 'matrix-view' });
      radio.addEventListener('change', () => this.look(this.facts?.entry.text ?? '', gradient));
      this.view.append(el('label', {}, radio, gradient ? 'gradients' : 'numbers'));
      return radio;
    });
    this.table = el('button', { type: 'button', class: 'plain', 'aria-haspopup': 'dialog' }, 'Table');
    this.table.addEventListener('click', () => this.showTable(0));
    this.heads = el('div', { class: 'heads', 'aria-hidden': 'true' });
    /** @type {HTMLElement[]} */
    this.parts = [];
    this.canvas = el('canvas');
    this.unit = el('i', { class: 'unit' });
    this.chosen = el('i', { class: 'chosen' });
    this.pointed = el('i', { class: 'pointed', hidden: true });
    this.lit = el('i', { class: 'lit', hidden: true });
    this.lights = lightsOf(app);
    this.lights.follow = (wires) => this.reflect(wires);
    this.grid = el('div', { class: 'grid', tabindex: 0, role: 'group', 'aria-roledescription': 'matrix', 'aria-describedby': 'entry-words' }, this.canvas, this.unit, this.lit, this.chosen, this.pointed);
    this.scroll = el('div', { class: 'sheet' }, this.heads, this.grid);
    this.scale = el('p', { class: 'scale' });
    this.entry = new Entry(app, () => this.grid.focus());
    this.grid.addEventListener('keydown', (event) => this.key(event));
    this.grid.addEventListener('pointerdown', (event) => this.pressed(event));
    this.grid.addEventListener('pointermove', (event) => this.point(event));
    this.grid.addEventListener('pointerleave', () => this.point(null));
    this.grid.addEventListener('focus', () => this.light(this.facts?.entry));
    this.grid.addEventListener('blur', () => this.light(null));
    this.check = new Check(app);
    root.append(el('div', { class: 'choose' }, this.panels, this.view, this.table), this.scroll, this.scale, this.entry.node, this.check.node);
  }

  /**
   * @param {string} entry
   * @param {boolean} gradient
   */
  look(entry, gradient) {
    this.entry.fail('');
    this.app.change((session) => session.look(entry, gradient));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const { entry, facts } = this;
    if (!facts) return;
    if (arrow && event.shiftKey && arrow[0]) entry.nudge(facts.entry.value, -arrow[0], event, true);
    else if (arrow && !event.shiftKey) this.app.change((session) => session.lookAlong(...arrow));
    else if (event.key === 'Enter') entry.input.select();
    else if (event.key.toLowerCase() === 'c') void copy(facts.gradient ? facts.entry.gradientFull : facts.entry.full);
    else if (event.key === 'Delete' || event.key === 'Backspace') entry.resetOne();
    else if (/^[-−.]$/.test(event.key)) {
      // The key itself is the first of what is typed.
      entry.input.value = '';
      entry.input.focus();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * The point of an event in the sheet.
   * @param {PointerEvent} event
   */
  place(event) {
    const box = this.grid.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /**
   * A press chooses; a drag up or down changes the number.
   * @param {PointerEvent} start
   */
  pressed(start) {
    if (start.button !== 0) return;
    const { app, grid } = this;
    const { x, y } = this.place(start);
    if (!app.session.entryAt(x, y, this.width)) return;
    this.entry.fail('');
    app.change((session) => session.lookAt(x, y, this.width), { event: start });
    app.draw();
    const from = this.facts?.entry.value ?? 0;
    if (start.pointerType === 'touch') return;
    let dragged = false;
    const over = new AbortController();
    const { signal } = over;
    /** @param {PointerEvent} event */
    const move = (event) => {
      const up = start.clientY - event.clientY;
      if (!dragged && Math.abs(up) < STILL) return;
      if (!dragged) grid.setPointerCapture(start.pointerId);
      dragged = true;
      this.entry.nudge(from, Math.round(up / NOTCH), event, false);
    };
    const end = (/** @type {PointerEvent} */ event) => {
      over.abort();
      if (dragged) this.entry.change(() => {}, event, true);
    };
    addEventListener('pointermove', move, { signal });
    addEventListener('pointerup', end, { signal });
    addEventListener('pointercancel', end, { signal });
  }

  /**
   * Says what is under the pointer.
   * @param {PointerEvent | null} event
   */
  point(event) {
    if (event && (event.pointerType === 'touch' || event.buttons)) return;
    const at = event && this.place(event);
    const entry = at && this.app.session.entryAt(at.x, at.y, this.width);
    this.pointed.hidden = !entry;
    if (entry) put(this.pointed, entry.cell);
    const said = entry ?? this.facts?.entry;
    if (said) this.entry.say(said);
    this.light(entry);
  }

  /**
   * Lights what belongs to an entry: its term, its wires, the cells that it reads and makes.
   * @param {EntryFacts | null | undefined} entry
   */
  light(entry) {
    this.lights.light(entry?.wires ?? [], entry?.cells);
  }

  /**
   * What is lit elsewhere is lit here: an entry, or the row of the selected unit.
   * @param {string[]} wires
   */
  reflect(wires) {
    const open = this.app.overview.matrix && this.width && !this.pointing;
    const [area] = open ? wires.map((wire) => this.app.session.litEntry(wire, this.width)).filter((area) => area !== null) : [];
    this.lit.hidden = !area;
    if (area) put(this.lit, area);
  }

  /**
   * The numbers and their gradients as a table; each leads to its entry.
   * @param {number} from the first row, from 0
   */
  showTable(from) {
    const dialog = byId('table-dialog', HTMLDialogElement);
    const shown = this.app.session.matrixTable(from);
    if (!shown) return;
    const { title, range, before, after, head, rows } = shown;
    const other = (/** @type {string} */ name, /** @type {number | null} */ to) => {
      if (to === null) return [];
      const button = el('button', { type: 'button', class: 'edged' }, name);
      button.addEventListener('click', () => this.showTable(to));
      return [button];
    };
    const words = el('p', {}, 'Each number with its gradient under it; a number leads to its entry, where it is changed. ', range, ' ', ...other('Rows before', before), ' ', ...other('Rows after', after));
    const body = rows.map(({ name, entries }) => el('tr', {}, el('th', { scope: 'row' }, name), ...entries.map((entry) => {
      const value = el('button', { type: 'button', class: entry.changed ? 'changed' : '', 'data-entry': entry.text }, entry.shown, ...(entry.changed ? [el('span', { class: 'vh' }, ', changed by hand')] : []));
      return el('td', {}, value, el('span', { class: 'vh' }, ', gradient '), el('span', { class: 'grad' }, entry.gradient));
    })));
    const table = el('table', { class: 'entries', 'aria-labelledby': 'table-title' },
      el('thead', {}, el('tr', {}, el('td'), ...head.map((name) => el('th', { scope: 'col' }, name)))), el('tbody', {}, ...body));
    table.addEventListener('click', ({ target }) => {
      const text = target instanceof Element ? target.closest('[data-entry]')?.getAttribute('data-entry') : null;
      if (!text) return;
      dialog.close();
      this.look(text, this.facts?.gradient ?? false);
      this.app.draw();
      this.entry.input.focus();
      this.entry.input.select();
    });
    fill(dialog, 'table-title', title, words, table);
    if (!dialog.open) dialog.showModal();
  }

  /** Whether what is lit comes from here. */
  get pointing() {
    return !this.pointed.hidden || document.activeElement === this.grid;
  }

  /** Brings the matrices into sight and gives them the keys. */
  focus() {
    this.grid.scrollIntoView({ block: 'nearest' });
    this.grid.focus({ preventScroll: true });
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    if (!app.overview.matrix) return;
    if (this.measured !== app.sizes || !this.width) {
      this.measured = app.sizes;
      this.width = Math.round(this.root.clientWidth * (this.coarse.matches ? COARSE : 1));
    }
    if (!this.width) return; // in a drawer that is shut
    const facts = app.session.matrices(this.width);
    if (!facts) return;
    this.facts = facts;
    this.updateChoices(facts);
    this.updateHeads(facts);
    this.paint(app, facts, dirty.experiment);
    setAttributes(this.grid, { 'aria-label': `${facts.words}. Arrows choose an entry, Enter changes it, C copies it.` });
    put(this.unit, facts.unit);
    this.unit.hidden = !facts.unit;
    put(this.chosen, facts.entry.cell);
    if (document.activeElement === this.grid && this.pointed.hidden) this.light(facts.entry);
    this.reveal(facts.entry);
    setText(this.scale, facts.scale);
    this.entry.update(facts, this.pointed.hidden === true);
    this.check.update(facts.name);
  }

  /**
   * Where the sheet is wider than its place, an entry that is newly chosen comes into sight.
   * @param {EntryFacts} entry
   */
  reveal({ text, cell }) {
    if (text === this.shown) return;
    this.shown = text;
    const { scrollLeft, clientWidth } = this.scroll;
    const right = cell.x + cell.width;
    if (cell.x < scrollLeft || right > scrollLeft + clientWidth - MARGIN) this.scroll.scrollLeft = right - clientWidth / 2;
  }

  /** @param {Facts} facts */
  updateChoices(facts) {
    resize(this.choices, facts.panels.length, this.panels, (k) => {
      const radio = el('input', { type: 'radio', name: 'matrix-panel' });
      radio.addEventListener('change', () => this.look(this.facts?.panels[k]?.first ?? '', this.facts?.gradient ?? false));
      return el('label', {}, radio, math(''));
    });
    facts.panels.forEach((panel, k) => {
      const label = this.choices[k];
      const [radio, symbol] = label?.children ?? [];
      if (!label || !(radio instanceof HTMLInputElement) || !symbol) return;
      radio.checked = panel.name === facts.panel;
      const words = `${panel.word}${panel.changed ? ', changed' : ''}`;
      setAttributes(radio, { 'aria-label': words });
      label.title = words;
      label.classList.toggle('changed', panel.changed);
      patchMath(symbol, panel.symbol);
    });
    this.views.forEach((radio, k) => { radio.checked = facts.gradient === (k === 1); });
  }

  /** @param {Facts} facts */
  updateHeads(facts) {
    resize(this.parts, facts.parts.length, this.heads, () => el('div', {}, math(''), math(''), el('small')));
    facts.parts.forEach((part, k) => {
      const node = this.parts[k];
      const place = facts.layout.parts[k];
      const [symbol, over, note] = node?.children ?? [];
      if (!node || !place || !symbol || !over || !note) return;
      node.style.left = `${place.x}px`;
      node.style.width = `${place.width}px`;
      node.title = part.word;
      patchMath(symbol, part.symbol);
      patchMath(over, part.over);
      setText(note, part.note);
    });
    this.heads.style.width = `${facts.layout.width}px`;
  }

  /**
   * @param {App} app
   * @param {Facts} facts
   * @param {boolean} changed
   */
  paint(app, facts, changed) {
    const scale = devicePixelRatio || 1;
    const { lane, panel, gradient, layout } = facts;
    const seen = [lane, panel, gradient, panel === 'x' ? app.overview.t : 0, layout.width, layout.height, scale, app.dark].join(' ');
    if (!changed && seen === this.painted) return;
    this.painted = seen;
    const picture = app.session.paintMatrices(this.width, scale, app.dark);
    if (!picture) return;
    const { pointer, width, height } = picture;
    picture.free();
    const bytes = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (app.memory.buffer), pointer, width * height * 4);
    setAttributes(this.canvas, { width, height });
    for (const node of [this.canvas, this.grid]) {
      node.style.width = `${layout.width}px`;
      node.style.height = `${layout.height}px`;
    }
    this.canvas.getContext('2d')?.putImageData(new ImageData(bytes, width, height), 0, 0);
  }
}

/**
 * Lays a frame over a cell.
 * @param {HTMLElement} node
 * @param {Area | null} area
 */
function put(node, area) {
  if (!area) return;
  node.style.transform = `translate(${area.x}px, ${area.y}px)`;
  node.style.width = `${area.width}px`;
  node.style.height = `${area.height}px`;
}
