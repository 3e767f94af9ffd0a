// @ts-check
/** The keyboard. Keys that a control needs stay with the control. */

/** @import { App } from './app.js' */
/** @import { Player } from './player.js' */
/** @import { Pointer } from './pointer.js' */

/** What the help lists. */
export const KEYS = [
  ['Space', 'play or pause'],
  ['→ ←', 'move the playhead one step; at the last step → turns into the backward pass, and ← goes on in it'],
  ['Shift + → ←', 'one operation of the step: products, sum, bias, function; on the way back, ← goes on'],
  ['Page Down, Page Up', 'on and back along the track, also around the bend (a presenter’s clicker)'],
  ['Home, End', 'start of the forward pass, end of the backward pass'],
  ['1 … 6', 'choose a lane'],
  ['T', 'the next figure: Unrolled, Gradient flow, Spectrum, Update'],
  ['− +', 'ρ of all lanes, smaller and larger (also when presenting)'],
  ['↑ ↓', 'on the figure: choose a unit or a row; in the gradient flow, a loss; in the spectrum and the update, a lane'],
  ['→ ← ↑ ↓, Enter', 'in the drawing of the cell: follow the wires; go where the value of one came from'],
  ['Ctrl Z, Ctrl Y', 'undo, and redo: every setting, lane and number; not where you stand'],
  ['← → ↑ ↓', 'on a box or an arrow of the boxes: along the arrows; Enter goes there'],
  ['C', 'copy the full value of the pointed or chosen cell'],
  ['P', 'pin or unpin the chosen cell'],
  ['Esc', 'leave present mode, close, let go'],
  ['?', 'this list'],
];

/**
 * Where the arrow key leads: the playhead moves in the key's direction. Forward, → goes on; backward,
 * ← goes on. At step T → turns from the forward into the backward phase, once: pressed again, it stays.
 * @param {number} position
 * @param {number} T
 * @param {1 | -1} direction
 * @returns {number}
 */
export function arrow(position, T, direction) {
  if (position <= T) return Math.max(1, position + direction);
  return Math.max(T + 1, Math.min(2 * T, position - direction));
}

/** @param {EventTarget | null} target */
function takesKeys(target) {
  return target instanceof Element && target.closest('input, select, textarea, [contenteditable], dialog, [popover]') !== null;
}

/**
 * @param {App} app
 * @param {Player} player
 * @param {Pointer} pointer
 * @param {{ help: () => void, turn: () => void, say: (text: string) => void, copy: (text: string) => void, leave: () => boolean }} acts
 */
export function connectKeys(app, player, pointer, acts) {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Escape') {
      if (!document.querySelector('dialog[open], :popover-open')) acts.leave();
      return;
    }
    if (takesKeys(event.target)) return;
    const onButton = event.target instanceof Element && event.target.closest('button, a') !== null;
    if (run(event, onButton)) event.preventDefault();
  });

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} onButton
   * @returns {boolean} whether the key meant something
   */
  function run(event, onButton) {
    const { position, T, lanes, lane, unit, pinned } = app.overview;
    switch (event.key) {
      case ' ':
        if (onButton) return false;
        player.toggle();
        return true;
      case 'ArrowRight': if (event.shiftKey) return operate(true); player.go(arrow(position, T, 1)); return true;
      case 'ArrowLeft': if (event.shiftKey) return operate(false); player.go(arrow(position, T, -1)); return true;
      case 'PageDown': player.by(1); return true;
      case 'PageUp': player.by(-1); return true;
      case 'Home': player.go(1); return true;
      case 'End': player.go(2 * T); return true;
      case 'ArrowUp': case 'ArrowDown': return vertical(event);
      case '?': acts.help(); return true;
      case 't': case 'T': acts.turn(); return true;
      case '+': case '=': return scale(event, 1);
      case '-': case '−': return scale(event, -1);
      case 'c': case 'C':
        acts.copy(pointer.pick?.full ?? app.session.inspect().full);
        return true;
      case 'p': case 'P': app.select(lane, app.overview.symbol, unit, !pinned); return true;
    }
    const chosen = Number(event.key) - 1;
    const target = /^[1-6]$/.test(event.key) ? lanes[chosen] : undefined;
    if (!target) return false;
    app.select(chosen, 'h', Math.min(unit, target.hidden - 1), pinned);
    return true;
  }

  /**
   * ρ by five steps of its slider; where it stands now is said, for the slider may be out of sight.
   * @param {KeyboardEvent} event
   * @param {1 | -1} by
   */
  function scale(event, by) {
    // A quick hand is ahead of the drawing: it goes on from where its last key led.
    const now = () => app.session.settings().find(({ key }) => key === 'rho');
    const rho = now();
    if (!rho?.applies) return false;
    const to = Math.max(rho.min, Math.min(rho.max, Number(rho.value) + 5 * by * rho.step));
    app.change((session) => session.set('rho', to.toFixed(2)), { key: 'rho ', event, experiment: true, remember: 'push' });
    app.flush();
    acts.say(`ρ = ${now()?.shown ?? ''}`);
    return true;
  }

  /**
   * One operation to the right or to the left. As the arrows do, it turns the bend once, and not back.
   * @param {boolean} right
   */
  function operate(right) {
    const { phase, position, T, operation } = app.overview;
    const on = right === (phase === 'forward');
    player.pause();
    if (on || phase === 'forward' || position > T + 1 || operation !== 1) app.change((session) => session.operate(on));
    return true;
  }

  /**
   * On the figure ↑ and ↓ choose a unit, through rows and lanes; on the slider they move along the track.
   * @param {KeyboardEvent} event
   */
  function vertical(event) {
    const by = event.key === 'ArrowDown' ? 1 : -1;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.getAttribute('role') === 'slider') {
      player.by(-by);
      return true;
    }
    if (target?.id !== 'figure' || !app.layout) return false;
    if (app.overview.tab === 'flow') {
      app.follow(app.overview.followed + by);
      return true;
    }
    if (app.overview.tab === 'update') {
      const next = app.overview.lane + by;
      if (!app.overview.lanes[next]) return true;
      app.select(next, 'h', 0, app.overview.pinned);
      app.overview.lane = next;
      return true;
    }
    const { lanes, lane, unit } = app.overview;
    if (app.overview.tab === 'spectrum') {
      const next = lane + by;
      const target = lanes[next];
      if (target) app.select(next, 'h', Math.min(unit, target.hidden - 1), app.overview.pinned);
      return true;
    }
    const places = app.layout.boxes ?? app.layout.lanes;
    const rows = places.flatMap((place, k) => place.rows.map((row) => ({ lane: k, symbol: row.symbol, units: lanes[k]?.hidden ?? 1 })));
    let at = rows.findIndex((row) => row.lane === lane && row.symbol === app.overview.symbol);
    if (at < 0) at = Math.max(0, rows.findIndex((row) => row.lane === lane));
    let next = unit + by;
    const here = rows[at];
    if (!here) return true;
    if (next < 0 || next >= here.units) {
      at += by;
      const row = rows[at];
      if (!row) return true;
      next = by > 0 ? 0 : row.units - 1;
    }
    const row = rows[at];
    if (row) app.select(row.lane, row.symbol, next, true);
    return true;
  }
}
