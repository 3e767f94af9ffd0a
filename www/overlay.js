// @ts-check
/** What lies over the pixels: the chart's texts, the playhead with its flag, the chosen unit. */

import { byId, el, resize, setAttributes, setText, svg, textWidth } from './dom.js';
import { flagHeight, flagRoom } from './figure.js';
import { markerPath } from './marks.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Label, Layout } from './engine.js' */

/** The label kind "end" is a text anchor's name in CSS here. */
const CLASS = { decade: 'decade', end: 'name', value: 'value', note: 'remark', zone: 'zone', state: 'state' };

export class Overlay {
  constructor() {
    this.figure = byId('figure', HTMLElement);
    this.labels = svg('svg', { class: 'labels', 'aria-hidden': 'true' });
    /** @type {SVGGElement[]} */
    this.pool = [];
    this.playhead = el('div', { class: 'playhead', 'aria-hidden': 'true' });
    this.other = el('div', { class: 'playhead other', 'aria-hidden': 'true' });
    this.flag = el('div', { class: 'flag', 'aria-hidden': 'true' });
    /** @type {HTMLElement[]} */
    this.lines = [];
    /** @type {HTMLElement[]} */
    this.others = [];
    /** @type {HTMLElement[]} */
    this.cells = [];
    /** @type {HTMLElement[]} */
    this.pointers = [];
    this.flagWidth = 60;
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout } = app;
    if (!layout) return;
    if (!this.labels.isConnected) this.figure.append(this.labels, this.playhead, this.other, this.flag);
    this.write(app, app.session.labels());
    if (dirty.layout) this.frame(app, layout);
    this.movePlayhead(app, layout);
    this.choose(app, layout);
  }

  /**
   * @param {App} app
   * @param {Label[]} labels
   */
  write(app, labels) {
    resize(this.pool, labels.length, this.labels, () => svg('g', {}, svg('text'), svg('path')));
    labels.forEach((label, k) => {
      const group = this.pool[k];
      const [text, marker] = group?.children ?? [];
      if (!group || !text || !marker) return;
      setText(text, label.text);
      setAttributes(text, { x: label.x, y: label.y, class: `${label.anchor} ${CLASS[label.kind]}` });
      if (label.mark < 0) {
        setAttributes(marker, { d: '', class: '' });
      } else {
        // A place holds marker and words: the marker after a lane's name, before other words.
        const size = app.present ? 15 : label.kind === 'end' ? 12 : 11.5;
        const words = textWidth(label.text, size);
        const left = label.anchor === 'end' ? label.x - words - (label.kind === 'end' ? size : 0) : label.x + size;
        setAttributes(text, { x: label.anchor === 'end' ? left + words : left });
        const middle = label.kind === 'end' ? label.x - size / 2 + 1 : left - size / 2;
        setAttributes(marker, { d: markerPath(label.mark, middle, label.y - size * 0.35, size * 0.3), class: 'blob' });
      }
      setAttributes(group, { class: label.mark < 0 ? '' : `mark-${label.mark}` });
    });
  }

  /**
   * Where the playhead's lines run: from the flag to the foot, on a phone not over lane heads.
   * @param {App} app
   * @param {Layout} layout
   * @returns {{ top: number, height: number }[]}
   */
  segments(app, layout) {
    const top = this.top + flagHeight(app);
    if (layout.axis.x0 > 60) return [{ top, height: Math.max(layout.height, app.view?.height ?? 0) - top }];
    if (layout.update) return [];
    if (layout.flow) return layout.flow.lanes.map(({ matrix, bars }) => ({ top: matrix.y - 3, height: bars.y + bars.height - matrix.y + 3 }));
    if (layout.spectrum) return layout.spectrum.lanes.map(({ curves, strip }) => ({ top: curves.y - 3, height: strip.y + strip.height - curves.y + 3 }));
    const lanes = layout.lanes.map(({ rows, strip }) => {
      const start = (rows[0] ?? strip).y;
      return { top: start - 3, height: strip.y + strip.height - start + 3 };
    });
    return [...lanes, { top: layout.chart.y, height: layout.chart.height + 2 }];
  }

  /**
   * Where the playhead of directions that read from right to left runs: over their rows.
   * @param {Layout} layout
   */
  mirrored(layout) {
    const flow = layout.flow?.lanes.filter(({ mirrored }) => mirrored) ?? [];
    if (layout.flow) return flow.map(({ matrix, bars }) => ({ top: matrix.y - 2, height: bars.y + bars.height - matrix.y + 4 }));
    return layout.lanes.flatMap(({ rows, strip, mirrored }) => [
      ...rows.filter((row) => row.mirrored), ...(mirrored ? [strip] : []),
    ]).map(({ y, height }) => ({ top: y - 2, height: height + 4 }));
  }

  /**
   * @param {App} app
   * @param {Layout} layout
   */
  frame(app, layout) {
    const tall = flagHeight(app);
    const { y, height } = layout.inputs;
    const phone = layout.axis.x0 <= 60; // there, the style sheet makes the room
    this.top = layout.update ? 0 : phone || flagRoom(app) || height < tall + 16 ? y - tall : y;
    this.figure.style.marginTop = this.top < 0 && !phone ? `${-this.top}px` : '';
    // Lines would cut the arrows: there the playhead is a band of the ground.
    this.playhead.hidden = Boolean(layout.boxes);
    this.rule(this.lines, this.playhead, this.segments(app, layout), layout);
    this.rule(this.others, this.other, this.mirrored(layout), layout);
    // The flag's room is that of its longest text, so that it does not breathe while playing.
    this.flagWidth = Math.round((`◂ t = ${layout.axis.steps}${layout.axis.encoder < layout.axis.steps ? '′' : ''}`.length * 6.4 + 16) * (app.present ? 1.3 : 1));
    this.flag.style.width = `${this.flagWidth}px`;
  }

  /**
   * Two lines beside a column, in each segment.
   * @param {HTMLElement[]} lines
   * @param {HTMLElement} parent
   * @param {{ top: number, height: number }[]} segments
   * @param {Layout} layout
   */
  rule(lines, parent, segments, layout) {
    resize(lines, segments.length * 2, parent, () => el('i'));
    segments.forEach((segment, k) => {
      for (const side of [0, 1]) {
        const line = lines[2 * k + side];
        if (!line) continue;
        line.style.transform = `translate(${side * layout.axis.column}px, ${segment.top}px)`;
        line.style.height = `${segment.height}px`;
      }
    });
  }

  /** Top of the flag, px. */
  top = 0;

  /**
   * @param {App} app
   * @param {Layout} layout
   */
  movePlayhead(app, layout) {
    const { x0, column, steps } = layout.axis;
    const x = x0 + (app.overview.t - 1) * column - 1;
    this.playhead.style.transform = `translateX(${x}px)`;
    this.other.style.transform = `translateX(${x0 + ((app.overview.mirror ?? 1) - 1) * column - 1}px)`;
    const end = Math.min(layout.width, x0 + steps * column + 8) - this.flagWidth;
    const flag = Math.max(Math.min(x0, 30) > 25 ? x0 - 30 : 0, Math.min(x + (column + 1 - this.flagWidth) / 2, end));
    this.flag.style.transform = `translate(${Math.round(flag)}px, ${this.top}px)`;
    setText(this.flag, app.overview.flag);
  }

  /**
   * Outlines the chosen unit at the playhead in every row of its lane.
   * @param {App} app
   * @param {Layout} layout
   */
  choose(app, layout) {
    const areas = app.present ? [] : app.session.marks();
    resize(this.cells, areas.length, this.figure, () => el('div', { class: 'chosen-cell', 'aria-hidden': 'true' }));
    resize(this.pointers, areas.length, this.figure, () => el('div', { class: 'pointer', 'aria-hidden': 'true' }));
    const { x0 } = layout.axis;
    areas.forEach(({ x, y, width, height }, k) => {
      const cell = this.cells[k];
      const pointer = this.pointers[k];
      if (pointer) pointer.hidden = x0 < 60 || Boolean(layout.boxes);
      if (!cell || !pointer) return;
      cell.style.transform = `translate(${x - 2}px, ${y - 2}px)`;
      cell.style.width = `${width + 4}px`;
      cell.style.height = `${height + 4}px`;
      pointer.style.transform = `translate(${x0 - 7}px, ${y + height / 2 - 3.5}px)`;
    });
  }
}
