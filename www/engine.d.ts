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
  group: 'data' | 'size' | 'start' | 'fixes' | 'numbers';
  kind: 'integer' | 'real' | 'choice' | 'text';
  min: number; max: number; step: number;                 // numbers (text: max = longest)
  options: { value: string; label: string; group?: string; says: string; barred?: string }[];   // group: under which name a list has it; choice; says: what it means, in a sentence, or empty; barred: why it cannot be chosen now
  value: number | string;
  shown: string;                   // the value formatted: "0.90", "+3.0"
  marks: { at: number; label: string }[];   // tick under a slider (ρ: 1.00)
  scope: 'shared' | 'lane';        // 'lane': shared value that a lane may have of its own
  cells: string[];                 // the cells it concerns; empty = all
  applies: boolean;                // false: nothing on screen uses it now (e.g. text while data = sunspots, bz without GRU): do not show it
  help: string;                    // one sentence
  big: boolean;                    // ρ: drawn as the big slider
  shared?: { note: string; differs: boolean };   // of a shared one: which lanes have a value of their own; whether those that it sets differ: value is then the first's, of a choice empty
};

export type Gauge = { shown: string; full: string; verdict: string; state: string; symbol: MathNode; note: string; what: string };   // "6.32×10⁻¹⁰", "6.3187…e-10", "vanished: t = 1 learns nothing", "∂L/∂h" | "∂L/∂(h, C)"
export type Cure = { cure: number; label: string; why: string };   // 2, "ReLU, identity start", "φ′ is 1 where …"
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
  breaks: number | null;           // the position on the track where its numbers broke
  cures: Cure[];                   // what may help a gradient that fades or explodes; empty when nothing ails it
  retries: boolean;                // whether clipping the gradient at every step mends what broke
  loss: string;                    // "0.755"
  outputs: Output[] | null;        // per t or null where there is no output
};
export type Output = { shown: string; full: string; right: boolean | null } | null;   // predicted symbol or value at t
export type Tab = 'unrolled' | 'flow' | 'spectrum' | 'update';
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
  operation: number; operations: number;   // the operation of the step that was done last, of how many; 0 is the step as a whole
  tab: Tab;                        // which figure is shown
  step: string; of: number;        // "t = 7", of a decoder "t′ = 2", and how many steps it or the encoder has
  picture: 'heat' | 'boxes' | 'flow' | 'spectrum' | 'update';   // which picture is drawn
  boxes: { can: boolean; why: string; act: string; offer: [string, string][] };   // act: "Show 8 steps", empty where T is not to be chosen; offer: settings that do so
  followed: number;                // the step of the loss that the flow figure follows
  mirror: number | null;           // where the playhead of directions from right to left stands; null: no lane has one
  relative: string;                // what gradients are relative to: "t = T", "t = 1" or "where it enters"
  gradient: string;                // the layer and direction whose gradient is shown: "1", "2b"
  gradients: { value: string; label: string }[];         // those that could be; empty where there is one only
  matrix: boolean;                 // whether the matrices are open
  practice: Practice | null;       // where lanes can learn from examples
  lesson: Lesson & { changed: boolean; next: Lesson | null } | null;   // opened; changed: the experiment is no longer the one it speaks of
};

/** task: where to look, or what to change. */
export type Lesson = { word: string; title: string; says: string; task: string; link: string };

export type Practice = {
  example: number; examples: number; kind: string;        // from 1; "held out", "learnt from", "your own sentence"
  pixels: number[][];              // shares of black, row by row; empty where inputs are no pixels
  underWay: boolean; progress: number; progressWords: string;   // 0 to 1; "Epoch 3 of 20"
  lanes: { shown: string; words: string; share: number }[];     // "97.1 %", "RNN: 287 of 297 held-out outputs right …"; 0 to 1
};

export type Viewport = { width: number; height: number; scale: number; mode: 'wide' | 'phone' | 'present'; dark: boolean };
export type Layout = {             // all in CSS px from the figure's top left; integers
  width: number; height: number;   // height may exceed the viewport's: the figure then scrolls
  axis: { x0: number; column: number; steps: number; encoder: number };   // column t is [x0+(t−1)·column, x0+t·column), its last px is the gap
  inputs: Band; targets: Band | null;
  lanes: LaneLayout[];
  chart: Band; ticks: Band; tickLabels: number[];        // which t get a number; no chart: height 0
  boxes?: BoxPlace[];              // boxes and arrows, where `lanes` is empty
  flow?: { note: Band | null; lanes: FlowPlace[] };      // in the tab "flow", where `lanes` is empty
  spectrum?: { planes: Plane[]; key: Band; title: Band; lanes: SpectrumPlace[] };   // in the tab "spectrum"; `chart` is all of it
  update?: { lanes: UpdatePlace[] };                     // in the tab "update", where all shared bands are empty
};
export type UpdatePlace = { y: number; height: number; vectors: Area; map: Area; blocks: Area[]; words: Area[] };
export type Update = {             // what stands beside and over the update figure
  lanes: UpdateLane[];
  strokes: { path: string; ink: 'off' | 'norm' | 'value' | 'thin' | 'halo'; filled: boolean; taken: boolean }[];
};
export type UpdateLane = {
  shown: string; full: string; words: string;            // "3.41", "is ‖g‖; clipped by norm at 1.00"
  sentences: string[];             // of the vectors, the step, the histogram
  blocks: MathNode[];              // names of the histograms
};
export type BoxPlace = {
  y: number; height: number;
  strip: Band | null;              // folded
  nodes: { kind: 'input' | 'cell' | 'join' | 'output'; t: number; area: Area }[];
  links: { t: number; area: Area }[];
  walks: Record<'left' | 'right' | 'up' | 'down', number | null>[];   // where arrow keys lead: nodes, then links
  rows: { symbol: string }[];      // states of a box, top to bottom
  symbols: { label: MathNode; y: number }[];              // for the gutter: middle of a row
};
export type LaneScene = { nodes: NodeScene[]; links: LinkScene[] };
export type NodeScene = { name: string; width: number; role: Role; texts: BoxText[] };
export type LinkScene = { name: string; line: Line; back: Line | null; number: BoxText | null };
export type Role = 'ink' | 'ink2' | 'edge' | 'white' | 'black' | 'lane' | 'gradient';
export type Line = { shaft: string; head: string; width: number; role: Role };   // path data
export type BoxText = { x: number; y: number; anchor: 'start' | 'middle' | 'end'; text: string; size: number; role: Role; bold: boolean; math: boolean };
export type FlowPlace = { y: number; height: number; matrix: Band; bars: Band; shares: Band | null; mirrored: boolean };
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
  given: { symbol: MathNode; words: string; title: string } | null;   // ∂L/∂W_hh, "loss 34: 0.0312", all shares in a sentence
};
export type Plane = {              // eigenvalues of one lane, and dials beside them
  x: number; y: number; width: number; top: number; side: number;
  dials: { x: number; y: number; line: number; width: number }[];
};
export type SpectrumPlace = { y: number; height: number; curves: Band; strip: Band };
export type Spectrum = {           // what stands beside the figure of steps
  key: string;                     // what the signs mean
  product: MathNode;               // ∂s_T/∂s_t
  title: string;                   // what that is: ": how much each direction is scaled …"
  lanes: SpectrumLane[];
  side: {                          // the right column, of the chosen lane
    title: string; where: string;
    equations: MathNode[]; spoken: string;
    verdicts: { question: string; answer: string; reason: string }[];
    singular: {                    // ticks on a log axis, places 0 to 1
      title: MathNode;
      lanes: { name: string; mark: number; at: number[]; below: string; words: string }[];
      marks: [number, string][]; one: number;
    };
    paths: { name: string; shown: string; share: number }[]; pathWords: string;
    saturation: string; signal: string;
  };
};
export type SpectrumLane = {
  lane: number;                    // of the overview: a feed-forward lane has no place here
  head: string;                    // "W and J, t = 9"
  dials: { symbol: MathNode; name: string; shown: string; full: string }[];
  shown: string; words: string; rate: string;            // "1.2×10⁻⁹", "largest, at t = 1", "×0.79 per step"
  pending: boolean;                // the curves are still those of the run before
  pulls: boolean;                  // ρ can be dragged
  saturated: string;
};
export type Grip = { lane: number; rho: number; own: boolean };   // a hand on ρ of a lane
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
  held: boolean;                   // it can be dragged
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
  weights: string;                 // "Weights drawn: glorot, seed 7."
  cell: CellFacts;
  operation: { title: string; node: string } | null;     // the one at the cursor
  operations: number;              // how many the step has
  forward: Equation[]; backward: Equation[];   // backward empty in the forward phase
  counted: string;                 // which losses gradients are of; empty where there is one
  shares: Share[];                 // what this step adds to the gradients of the unit's weights; empty in the forward phase
};
// In formulas, an element with data-wire lights with everything of the same data-wire; data-go is where `walk` leads.
export type Equation = {
  symbol: string; wire: string; symbolic: MathNode; numeric: MathNode; spoken: string;   // <math> contents
  terms: Term[] | null;            // they are unfolded
  now: boolean;                    // the operation at the cursor is a part of it
};
export type Term = { weight: MathNode; words: [string, string]; key: string; value: string; source: MathNode; of: string; product: string; share: number; entry: string; go: string };   // entry: where the weight stands in the matrices; share −1..1 of the largest; a quantity that stands alone has no weight
export type Share = { group: string; unfolded: boolean; symbol: MathNode; words: string; now: MathNode; value: string; so_far: string; in_all: string };   // group: what unfolds here, or ""

/** A cell as a drawing, without numbers. Places in CSS px. */
export type Drawing = {
  key: string; width: number; height: number; body: Area;
  nodes: { id: string; kind: 'state' | 'gate' | 'candidate' | 'matrix' | 'bias' | 'times' | 'plus' | 'function' | 'curve' | 'row' | 'norm'; x: number; y: number; width: number; height: number; label: Glyph }[];
  wires: Route[];
  strips: { of: string; area: Area }[];
  names: Glyph[];
  factor: Spot | null;
  curve: { area: Area; path: string } | null;
  words: WireWords[];              // one per wire, in the order in which a reader walks them
};
export type Glyph = { text: string; index: string; tilde: boolean; anchor: string; x: number; y: number };
export type Spot = { x: number; y: number; anchor: string };
export type Route = {
  id: string; kind: 'highway' | 'scalar' | 'bus'; path: string; branch: string;
  heads: [number, number, number, number][];   // tip, degrees clockwise from pointing right, 1 at a branch
  dots: [number, number][]; bead: [number, number] | null; value: Spot | null; gradient: Spot | null;
};
export type WireWords = { id: string; symbol: MathNode; word: string; before: string[]; after: string[]; row: string; back: number; equations: [string, string] };   // row: the heat map that shows it, at t or at that number of `earlier`; equations of value and gradient
export type CellFacts = {
  key: string; mark: number; backward: boolean;
  mirrored: boolean;               // of a direction that reads from right to left
  t: number; earlier: (number | null)[];   // the step, and those that are read before it: the last, and that of k before
  wires: WireFacts[];              // in the order of Drawing.wires
  gates: { id: string; level: number; colour: string; shown: string; known: boolean }[];
  strips: { of: string; colours: string[]; chosen: number | null }[];   // colour "": not finite
  factor: string;
  bend: { x: number; y: number; tangent: [number, number, number, number] } | null;
};
export type WireFacts = {
  id: string; shown: string; full: string; colour: string;
  label: string;                   // as it stands in the drawing: two digits before an exponent
  known: boolean;                  // computed at the operation of the cursor: its value, in the backward phase its gradient
  now: boolean;                    // taken or made by that operation
  gradient: { shown: string; label: string; full: string; width: number; colour: string; state: '' | 'zero' | 'not finite' } | null;
};

export type Matrices = {           // the matrices of the selected lane, arranged in a width
  lane: number; name: string;      // "LSTM"
  gradient: boolean;               // whether they show ∂L/∂entry
  backward: boolean;               // the phase of the cursor
  panel: string;                   // f i C o z r h y 0 x
  panels: { name: string; symbol: MathNode; word: string; first: string; changed: boolean }[];   // first: an entry, for look()
  parts: { symbol: MathNode; over: MathNode; note: string; word: string }[];   // over: what it is multiplied by; "±0.34"
  layout: { width: number; height: number; row: number; rows: number; parts: { x: number; width: number; cell: number; columns: number }[] };
  unit: Area | null;               // the row of the selected unit
  entry: EntryFacts;
  changes: string;                 // "2 weights changed" | ""
  scale: string;                   // what the colours mean
  words: string;                   // "LSTM, forget gate, numbers: 16 rows, 42 columns"
};
export type EntryFacts = {
  text: string;                    // "U_f.3.7", in another layer or direction "U_f.2b.3.7", for look()
  name: string;                    // "W_f[3, 7]"
  meaning: string;                 // "from unit 7 to the forget gate of unit 3"
  value: number; shown: string; full: string;
  gradient: string; gradientFull: string;
  before: string;                  // what it was before it was changed by hand, or ""
  reach: number;                   // the slider goes from −reach to reach
  cell: Area;
  wires: string[]; cells: string[];      // what lights with it: data-wire, and cells of heat maps as `walk` names them
  go: string;                      // where it is used, on the way back where its gradient is made
};

export type MatrixTable = {        // the open matrices in words
  title: string; range: string;    // "rows 1 to 24 of 128", or "" when these are all
  before: number | null; after: number | null;   // the first rows of the tables beside this one
  head: string[];
  rows: { name: string; entries: { text: string; name: string; shown: string; gradient: string; changed: boolean }[] }[];
};

export type Check = {              // the selected lane's gradient against central differences
  state: 'unasked' | 'running' | 'found' | 'stale';
  share: number;                   // how much of it is done, 0 to 1
  verdict: string;                 // "agrees to 3.12×10⁻⁹"
  words: string;
};

export type Worksheet = {          // the selected lane on paper
  title: string; setting: string[]; rounding: string;
  given: Block[];
  parts: { formula: MathNode; words: string } | null;   // W_g = [U_g | V_g]
  equations: { title: string; equations: MathNode[] }[];
  stages: { title: string; backward: boolean; lines: { units: boolean; left: MathNode; spoken: string; answers: { index: number; way: MathNode; result: string }[] }[] }[];
  gradients: Block[];
};
export type Block = { symbol: MathNode; rows: string[][]; rule: MathNode | null };

export interface Session {
  settle(merge: boolean): boolean; // what changed since the last time is one step of undo; whether anything did
  undo(): string | undefined;      // what became of it, in words
  redo(): string | undefined;
  stepsBack(): [string | null, string | null];            // what undo and redo would change, in words

  look(entry: string, gradient: boolean): void;           // opens the matrices at an entry; '' is the first
  lookAway(): void;                // closes them
  lookAlong(rows: number, columns: number): void;         // to a neighbour
  lookAt(x: number, y: number, width: number): boolean;   // to the entry under a point
  entryAt(x: number, y: number, width: number): EntryFacts | null;
  matrixTable(from: number): MatrixTable | null;          // from a row on, from 0
  litEntry(wire: string, width: number): Area | null;     // what lights with a wire or an entry
  setEntry(value: string): void;   // the entry that they stand at
  nudgeEntry(from: number, steps: number): void;          // by hundredths
  resetEntry(): void;
  resetEntries(): void;            // of the selected lane, or of the inputs when they are shown
  matrices(width: number): Matrices | null;
  paintMatrices(width: number, scale: number, dark: boolean): Picture | undefined;

  checkBegin(): void;              // of the selected lane
  checkAdvance(): boolean;         // a small part of it; whether there is more
  checkStop(): void;               // what has been found stays
  check(): Check;

  worksheet(): Worksheet;          // throws when the lane is larger than paper

  provide(file: string, text: string): void;              // the examples of a task
  wanted(): string | undefined;    // the file of examples that the last change lacked; asked for once
  learnAdvance(): 'done' | 'under way' | 'epoch';         // a few more examples; epoch: one has ended and can be shown
  learnShow(): void;               // the weights of the last epoch that is done
  learnStop(): void;               // no more epochs than are done

  open(hash: string, stored?: string): void;   // without '#'; '' is the opening experiment
  hash(): string;
  stored(): string | undefined;    // the opened file, when it is too long for the hash, which then says stored=…
  settings(): Setting[];
  set(key: string, value: string, lane?: number): void;   // runs everything again
  reset(key: string, lane: number): void;                 // the lane follows the shared value again
  addLane(cell: string): void;
  duplicateLane(lane: number): void;
  retry(lane: number): void;                // runs a lane again with its gradient clipped at every step
  cure(lane: number, cure: number): void;   // adds the cured twin of a lane below it
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
  setTab(which: Tab): void;               // layout, paint, labels, pick and words are then that figure's
  setBoxes(chosen: boolean): void;                        // boxes and arrows, where T allows
  boxes(): LaneScene[];            // after layout
  boxesItem(lane: number, item: number): Pick;            // a node, or after them a link, as a tip tells it
  follow(loss: number): void;      // the loss of this step, clamped
  flowAdvance(): boolean;          // a small part of what the tab "flow" shows is computed; true: all of it is there
  givenAdvance(): boolean;         // a loss of one lane at the recurrent weights; true: all of them are there
  flow(): Flow | null;             // after layout
  spectrumAdvance(): number;       // what belongs to the cursor's step, and a small part of the rest; how many lanes still miss some
  spectrum(): Spectrum | null;     // after spectrumAdvance
  spectrumValues(): { name: string; values: string[]; words: string }[];   // all singular values at the cursor's step, largest first
  spectrumGrab(x: number, y: number): Grip | null;        // what a hand takes hold of
  spectrumPull(lane: number, rho: number, x0: number, y0: number, x: number, y: number): string | undefined;   // ρ when it is at x, y
  updateAdvance(): boolean;        // a point of a map in the tab "update" is computed; true: all of them are there
  update(): Update | null;         // after layout

  layout(viewport: Viewport): Layout;
  paint(): Picture | undefined;    // none where all is drawn by chart; RGBA pixels of the whole figure in wasm memory, device px
  chart(canvas: HTMLCanvasElement): void;                 // draws at the size of layout.chart × scale
  labels(): Label[];
  marks(): Area[];                 // the chosen unit at the cursor, in each row that is shown
  svg(viewport: Viewport): string; // the whole figure as a drawing
  noAnn(): string;                 // why no feed-forward lane can be added; empty where it can
  lessons(): Lesson[];
  closeLesson(): void;
  ramps(dark: boolean): { state: string[]; gate: string[]; gradient: string[] };   // CSS colours for the legend
  pick(x: number, y: number): Pick;
  inspect(): Inspection;
  inspectAt(lane: number, symbol: string, unit: number, t: number): Inspection | null;
  drawing(lane: number, mirrored: boolean): Drawing | null;   // mirrored: of a direction that reads from right to left
  operate(on: boolean): void;      // one operation on or back along the track, across steps
  unfold(name: string): void;      // the terms of an equation, or folds them
  walk(to: string): void;          // where a term leads: data-go
  latex(name: string): string | undefined;   // an equation of the chosen unit
  spot(lane: number, symbol: string, unit: number, t: number): Area | null;   // a cell of a heat map; x is the row of inputs
  caption(): { lead: string; text: string };              // "Backward, t = 8, “w”." and the rest
  describe(): string;              // the figure in a sentence, for its aria-label
  table(): { head: string[]; rows: string[][] };          // the figure as a table for screen readers: per t, per lane ratio
}
