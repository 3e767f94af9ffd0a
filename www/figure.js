// @ts-check
/** The figure's pixels: heat maps and strips from the engine's memory, the chart on its own canvas. */

import { byId, el, setAttributes } from './dom.js';

/** @import { App, Dirty } from './app.js' */
/** @import { Viewport } from './engine.js' */

/**
 * Height of the playhead's flag.
 * @param {App} app
 */
export function flagHeight(app) {
  return app.present ? 22 : 17;
}

/**
 * Room that the page makes for the flag above the figure. Letters leave it room in their own row;
 * turned numbers need the whole row.
 * @param {App} app
 */
export function flagRoom(app) {
  return app.overview.data.categorical ? 0 : flagHeight(app);
}

export class Figure {
  /** @param {App} app */
  constructor(app) {
    this.root = byId('figure', HTMLElement);
    this.view = byId('view', HTMLElement);
    this.main = byId('main', HTMLElement);
    this.pixels = el('canvas', { 'aria-hidden': 'true' });
    this.chart = el('canvas', { 'aria-hidden': 'true', class: 'chart' });
    this.phone = matchMedia('(max-width: 639px), (max-width: 939px) and (max-height: 499px)');
    this.measured = -1;
    this.width = 0;
    this.height = 0;
    app.viewport = () => this.viewport(app);
    new ResizeObserver(() => app.resized()).observe(this.view);
    this.phone.addEventListener('change', () => app.resized());
    this.watchScale(app);
  }

  /**
   * Draws again when the device's pixels change: zoom, or another screen.
   * @param {App} app
   */
  watchScale(app) {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => {
      this.watchScale(app);
      app.resized();
    }, { once: true });
  }

  /**
   * The place for the figure. It is measured once per size: measuring makes the browser arrange the page.
   * @param {App} app
   * @returns {Viewport}
   */
  viewport(app) {
    if (this.measured !== app.sizes) {
      this.measured = app.sizes;
      const style = getComputedStyle(this.view);
      this.width = this.view.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      this.height = this.view.clientHeight;
    }
    const mode = app.present ? 'present' : this.phone.matches ? 'phone' : 'wide';
    const height = mode === 'phone' ? window.innerHeight : this.height - flagRoom(app);
    return { width: Math.max(200, Math.floor(this.width)), height: Math.max(200, Math.floor(height)), scale: devicePixelRatio || 1, mode, dark: app.dark };
  }

  /**
   * @param {App} app
   * @param {Dirty} dirty
   */
  update(app, dirty) {
    const { layout, session } = app;
    if (!layout) return;
    if (!this.pixels.isConnected) this.root.prepend(this.pixels, this.chart);
    if (dirty.layout) {
      this.root.style.height = `${Math.max(layout.height, app.view?.height ?? 0)}px`;
      this.chart.style.transform = `translateY(${layout.chart.y}px)`;
      this.root.setAttribute('aria-label', `${session.describe()} One column per time step.`);
    } else if (dirty.experiment) {
      this.root.setAttribute('aria-label', `${session.describe()} One column per time step.`);
    }
    this.paint(app);
    this.chart.hidden = layout.chart.height === 0;
    if (this.chart.hidden) return;
    const scale = devicePixelRatio || 1;
    this.size(this.chart, layout.width, layout.chart.height, scale);
    session.chart(this.chart);
  }

  /**
   * Copies the engine's pixels. The view on its memory is taken anew: memory that grows moves.
   * @param {App} app
   */
  paint(app) {
    const { layout } = app;
    if (!layout) return;
    const picture = app.session.paint();
    this.pixels.hidden = !picture;
    if (!picture) return;
    const { pointer, width, height } = picture;
    picture.free();
    const bytes = new Uint8ClampedArray(/** @type {ArrayBuffer} */ (app.memory.buffer), pointer, width * height * 4);
    if (this.pixels.width !== width || this.pixels.height !== height) {
      this.pixels.width = width;
      this.pixels.height = height;
    }
    this.pixels.style.width = `${layout.width}px`;
    this.pixels.style.height = `${layout.height}px`;
    this.pixels.getContext('2d')?.putImageData(new ImageData(bytes, width, height), 0, 0);
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} width
   * @param {number} height
   * @param {number} scale
   */
  size(canvas, width, height, scale) {
    setAttributes(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
}
