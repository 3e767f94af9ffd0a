// @ts-check
/** What belongs together lights together: a term, its wire, its heat-map cell, its entry of a matrix. */

import { byId, el } from './dom.js';

/** @import { App } from './app.js' */

export class Lights {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.figure = byId('figure', HTMLElement);
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(this.sheet);
    this.cell = el('div', { class: 'lit-cell', hidden: true, 'aria-hidden': 'true' });
    this.wire = '';
    this.go = '';
  }

  /**
   * Lights everything of this name, and the cell of a heat map that `go` names; '' puts the light out.
   * @param {string} wire
   * @param {string} [go]
   */
  light(wire, go = '') {
    if (wire !== this.wire) {
      this.wire = wire;
      const of = `[data-wire="${CSS.escape(wire)}"]`;
      this.sheet.replaceSync(wire ? `${of} { --lit: var(--light); } .wire${of} > .line { stroke: var(--ink); stroke-width: var(--lit-width); } .node${of} > .box { stroke: var(--ink); stroke-width: 2.4px; }` : '');
    }
    if (go !== this.go) {
      this.go = go;
      this.place();
    }
  }

  /** Outlines the cell of the heat map, where it is shown. */
  place() {
    const { session, overview } = this.app;
    // A row's name may have a place in it: h.2b.
    const parts = this.go.replace(/^b\./, '').split('.');
    const [unit = '1', t = `${overview.t}`] = parts.length > 2 ? parts.splice(-2) : [];
    const row = this.go.startsWith('=') ? '' : parts.join('.');
    const area = row ? session.spot(overview.lane, row, Number(unit) - 1, Number(t)) : null;
    this.cell.hidden = !area;
    if (!area) return;
    if (!this.cell.isConnected) this.figure.append(this.cell);
    this.cell.style.transform = `translate(${area.x - 3}px, ${area.y - 3}px)`;
    this.cell.style.width = `${area.width + 6}px`;
    this.cell.style.height = `${area.height + 6}px`;
  }
}
