// @ts-check
/** What belongs together lights together: a term, its wire, its heat-map cell, its entry of a matrix. */

import { byId, el, resize } from './dom.js';

/** @import { App } from './app.js' */

class Lights {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.figure = byId('figure', HTMLElement);
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(this.sheet);
    this.cells = el('div', { 'aria-hidden': 'true' });
    /** @type {HTMLElement[]} */
    this.outlines = [];
    this.names = '';
    /** @type {string[]} */
    this.wires = [];
    this.goals = '';
    /** Told what is lit. @type {(wires: string[]) => void} */
    this.follow = () => {};
  }

  /**
   * Lights everything of these names, the cells of heat maps that `goals` name, and an equation as a whole; nothing
   * puts the light out.
   * @param {string[]} wires
   * @param {string[]} [goals]
   * @param {string} [equation]
   */
  light(wires, goals = [], equation = '') {
    const names = [...wires, equation && `=${equation}`].filter(Boolean).join(' ');
    if (names !== this.names) {
      this.names = names;
      this.wires = wires;
      const all = `:is(${wires.map((wire) => `[data-wire="${CSS.escape(wire)}"]`).join()})`;
      this.sheet.replaceSync(names ? `${all} { --lit: var(--light); } .wire${all} > .line { stroke: var(--ink); stroke-width: var(--lit-width); } .node${all} > .box { stroke: var(--ink); stroke-width: 2.4px; }${equation ? ` .eq[data-name="${CSS.escape(equation)}"] { box-shadow: inset 3px 0 var(--ink); }` : ''}` : '');
      this.follow(wires);
    }
    const cells = goals.join(' ');
    if (cells === this.goals) return;
    this.goals = cells;
    this.place(goals);
  }

  /** Of the rows in which the chosen unit is outlined, the chosen one keeps the heavier line. */
  own() {
    const { session, overview: { lane, symbol, unit, t } } = this.app;
    const y = session.spot(lane, symbol, unit, t)?.y ?? NaN;
    const cells = [...this.figure.querySelectorAll('.chosen-cell')].filter((cell) => cell instanceof HTMLElement);
    const mine = cells.find(({ style }) => style.transform.endsWith(` ${y - 2}px)`));
    const pointers = this.figure.querySelectorAll('.pointer');
    cells.forEach((cell, k) => {
      for (const part of [cell, pointers[k]]) part?.classList.toggle('other', mine !== undefined && cell !== mine);
    });
  }

  /**
   * Outlines the cells of the heat maps, where they are shown.
   * @param {string[]} goals
   */
  place(goals) {
    const { session, overview } = this.app;
    const areas = goals.map((go) => {
      // A row's name may have a place in it: h.2b.
      const parts = (go.split('=')[0] ?? '').replace(/^b\./, '').split('.');
      const [unit = '1', t = `${overview.t}`] = parts.length > 2 ? parts.splice(-2) : [];
      const row = parts[0] === 'w' ? '' : parts.join('.');
      return row ? session.spot(overview.lane, row, Number(unit) - 1, Number(t)) : null;
    }).filter((area) => area !== null);
    if (!this.cells.isConnected) this.figure.append(this.cells);
    resize(this.outlines, areas.length, this.cells, () => el('div', { class: 'lit-cell' }));
    areas.forEach((area, k) => {
      const outline = this.outlines[k];
      if (!outline) return;
      outline.style.transform = `translate(${area.x - 3}px, ${area.y - 3}px)`;
      outline.style.width = `${area.width + 6}px`;
      outline.style.height = `${area.height + 6}px`;
    });
  }
}

/** @type {Lights | null} */
let known = null;

/**
 * The page's only ones.
 * @param {App} app
 */
export function lightsOf(app) {
  return (known ??= new Lights(app));
}
