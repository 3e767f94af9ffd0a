// What the engine (the wasm package www/pkg/unrolled.js) tells the page, as types.
//
// Every text that holds a number is formatted by the engine; the page computes no mathematics of the network. A
// method that takes input throws an Error whose message is "place: expected …, found …", and leaves the session as
// it was.

/** MathML as data: [tag, attributes?, ...children]; a string is text. e.g. ["msub",["mi","f"],["mi","t"]] */
export type MathNode = string | [string, ...(MathNode | Record<string, string>)[]];

export type Setting = {
  key: string;                     // also the URL key: data text csv T shape H layers directions match seed init rho act bf bz reset norm precision
  label: string;                   // "Hidden units"
  symbol: MathNode | null;         // H, ρ, b_f …
  group: 'data' | 'size' | 'start' | 'numbers';
  kind: 'integer' | 'real' | 'choice' | 'text';
  min: number; max: number; step: number;                 // numbers (text: max = longest)
  options: { value: string; label: string; barred?: string }[];  // choice; barred: why it cannot be chosen now
  value: number | string;
  shown: string;                   // the value formatted: "0.90", "+3.0"
  marks: { at: number; label: string }[];   // tick under a slider (ρ: 1.00)
  scope: 'shared' | 'lane';        // 'lane': shared value that a lane may have of its own
  cells: string[];                 // the cells it concerns; empty = all
  applies: boolean;                // false: nothing on screen uses it now (e.g. text while data = sunspots, bz without GRU): do not show it
  help: string;                    // one sentence
  big: boolean;                    // ρ: drawn as the big slider
};

export type Gauge = { shown: string; full: string; verdict: string; state: string; symbol: MathNode; note: string; what: string };   // "6.32×10⁻¹⁰", "6.3187…e-10", "vanished: t = 1 learns nothing", "∂L/∂h" | "∂L/∂(h, C)"
export type Lane = {
  name: string;                    // "RNN"
  cell: 'rnn' | 'lstm' | 'gru';
  spec: string;                    // "tanh, ρ 0.90"
  mark: number;                    // 0..5: colour, dash and marker (by cell for the first of its kind, then 3..5)
  hidden: number; parameters: number;
  facts: string;                   // "16 units, 1 216 parameters"
  own: Record<string, string>;     // settings of its own, key → shown
  settings: Setting[];             // the lane-scoped settings that concern this cell, with this lane's effective values
  gauge: Gauge;
  loss: string;                    // "0.755"
  outputs: Output[] | null;        // per t or null where there is no output
};
export type Output = { shown: string; full: string; right: boolean | null } | null;   // predicted symbol or value at t
export type Overview = {
  T: number;
  data: { title: string; source: string; note: string; categorical: boolean };  // "Sunspots, yearly means", "SILSO … via statsmodels", "309 numbers; standardised …"
  inputs: string[];                // per t: the character (␣ for a space) or the value
  targets: (string | null)[];      // per t
  lanes: Lane[];
  losses: 'last' | 'every';        // which loss the gradient curves count (cursor state, see setLosses)
  canLosses: boolean;              // true when there is a loss at every step (many-to-many)
  position: number;                // 1..2T: forward t = position; backward t = 2T + 1 − position
  phase: 'forward' | 'backward';
  t: number;
  lane: number;                    // selected lane, from 0
  unit: number;                    // selected unit, from 0
  symbol: string;                  // selected row: h C f …, in a stack with its layer h.2, of a backward direction h.2b
  pinned: boolean;
  flag: string;                    // "◂ t = 8" or "t = 26 ▸"
  loss: string;                    // loss of the selected lane, "0.755"
  tab: 'unrolled' | 'flow';        // which figure is shown
  followed: number;                // the step of the loss that the flow figure follows
  mirror: number | null;           // where the playhead of directions from right to left stands; null: no lane has one
  relative: string;                // what gradients are relative to: "t = T", "t = 1" or "where it enters"
  gradient: string;                // the layer and direction whose gradient is shown: "1", "2b"
  gradients: { value: string; label: string }[];         // those that could be; empty where there is one only
};

export type Viewport = { width: number; height: number; scale: number; mode: 'wide' | 'phone' | 'present'; dark: boolean };
export type Layout = {             // all in CSS px from the figure's top left; integers
  width: number; height: number;   // height may exceed the viewport's: the figure then scrolls
  axis: { x0: number; column: number; steps: number };   // column t is [x0+(t−1)·column, x0+t·column), its last px is the gap
  inputs: Band; targets: Band | null;
  lanes: LaneLayout[];
  chart: Band; ticks: Band; tickLabels: number[];        // which t get a number; no chart: height 0
  flow?: { note: Band | null; lanes: FlowPlace[] };      // in the tab "flow", where `lanes` is empty
};
export type FlowPlace = { y: number; height: number; matrix: Band; bars: Band; mirrored: boolean };
export type Flow = {               // what stands beside the flow figure
  symbol: MathNode;                // L_34
  one: boolean;                    // one loss only
  half: boolean;                   // no loss reaches a step after it
  canEvery: boolean;               // the setting "shape" could ask for one at every step
  lanes: FlowLane[];
};
export type FlowLane = {
  shown: string; full: string; words: string;            // "0.0012", "of loss 34 is left at k = 1"
  bands: { label: string; colour: string }[];            // own loss first
  own: Area | null;                // where the followed loss enters
};
export type Band = { y: number; height: number };
export type Area = { x: number; y: number; width: number; height: number };
/** Pixels in the engine's memory; they stay there until the next call. */
export type Picture = { pointer: number; width: number; height: number; free(): void };
export type LaneLayout = {
  y: number; height: number;
  rows: { symbol: string; label: MathNode; y: number; height: number; note: string; word: string; folds: boolean; mirrored: boolean }[];  // symbol h C f i C_tilde o z r h_tilde; note "±3.2" | "log" | ""; word "hidden state"
  folded: { symbol: string; label: MathNode; word: string; pair: boolean }[];   // rows not shown now; a pair stands for both directions
  outputs: Band | null;            // row of predictions
  strip: Band;                     // gradient strip
  mirrored: boolean;               // it runs from t = 1 to T
};
export type Label = {              // texts laid over the figure
  x: number; y: number;            // baseline point
  anchor: 'start' | 'middle' | 'end';
  text: string;
  kind: 'decade' | 'end' | 'value' | 'note' | 'zone' | 'state';  // state: "exactly 0 from t = 6 back", "∞ from t = 29, then NaN"
  mark: number;                    // lane mark drawn beside it, −1 none
};
export type Pick = {               // what is under a point
  lane: number; symbol: string; label: MathNode; word: string; unit: number | null; t: number;
  head: number;                    // where the playhead stands when this is computed
  at: string;                      // "t = 12", in the flow figure "k = 12"
  loss: number | null;             // in a matrix of the flow figure: the step of the loss
  shown: string; full: string;     // "0.933", "0.933475227158464"
  note: string;                    // e.g. strip: "from this step’s loss 0.012, from the future 0.31"
  box: Area;                       // the cell, for the outline
} | null;
export type Facts = {              // what a model costs
  rows: { symbol: MathNode; spoken: string; layers: string; size: string; count: string }[];
  total: string;
  costs: { what: string; value: string; note: string }[];
};
export type Inspection = {
  lane: number; title: string;     // "LSTM"
  where: string;                   // "unit 7, t = 8, “w”"
  symbol: MathNode; value: string; full: string; word: string;
  forward: Equation[]; backward: Equation[];   // backward empty in the forward phase
};
export type Equation = { symbol: string; symbolic: MathNode; numeric: MathNode; spoken: string };   // <math> contents

export interface Session {
  open(hash: string, stored?: string): void;   // without '#'; '' is the opening experiment
  hash(): string;
  stored(): string | undefined;    // the opened file, when it is too long for the hash, which then says stored=…
  settings(): Setting[];
  set(key: string, value: string, lane?: number): void;   // runs everything again
  reset(key: string, lane: number): void;                 // the lane follows the shared value again
  addLane(cell: string): void;
  duplicateLane(lane: number): void;
  removeLane(lane: number): void;
  moveLane(lane: number, to: number): void;
  toggleRow(lane: number, symbol: string): void;          // fold or unfold
  openFile(text: string): void;    // an experiment file or a CSV of numbers; decides by content
  experimentFile(lane: number): string;
  traceFile(lane: number): string;
  overview(): Overview;

  seek(position: number): void;    // 1..2T, clamped
  select(lane: number, symbol: string, unit: number, pinned: boolean): void;  // what the inspector shows
  setLosses(which: 'last' | 'every'): void;
  setGradient(place: string): void;                       // one of overview.gradients
  runAgain(lane: number): void;    // for a clock
  facts(lane: number, passes?: number, milliseconds?: number): Facts | null;
  setTab(which: 'unrolled' | 'flow'): void;               // layout, paint, labels, pick and words are then that figure's
  follow(loss: number): void;      // the loss of this step, clamped
  flowAdvance(): boolean;          // a small part of what the tab "flow" shows is computed; true: all of it is there
  flow(): Flow | null;             // after layout

  layout(viewport: Viewport): Layout;
  paint(): Picture | undefined;    // RGBA pixels of the whole figure in wasm memory, device px
  chart(canvas: HTMLCanvasElement): void;                 // draws at the size of layout.chart × scale
  labels(): Label[];
  marks(): Area[];                 // the chosen unit at the cursor, in each row that is shown
  svg(viewport: Viewport): string; // the whole figure as a drawing
  ramps(dark: boolean): { state: string[]; gate: string[]; gradient: string[] };   // CSS colours for the legend
  pick(x: number, y: number): Pick;
  inspect(): Inspection;
  inspectAt(lane: number, symbol: string, unit: number, t: number): Inspection | null;
  caption(): { lead: string; text: string };              // "Backward, t = 8, “w”." and the rest
  describe(): string;              // the figure in a sentence, for its aria-label
  table(): { head: string[]; rows: string[][] };          // the figure as a table for screen readers: per t, per lane ratio
}
