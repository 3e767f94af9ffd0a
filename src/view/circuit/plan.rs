//! Where the nodes of each circuit stand and how its wires run, in CSS pixels.

use super::{Area, Label, Spot, Strip};

/// The places of one circuit.
pub struct Plan {
    /// Nodes by their middle.
    pub nodes: Vec<(&'static str, f64, f64)>,
    ways: Vec<(&'static str, Way)>,
    pub strips: Vec<Strip>,
    pub factor: Option<Spot>,
    /// Names of wires, where a number alone would not say what it is.
    pub names: Vec<Label>,
    /// The name of φ.
    pub function: &'static str,
}

/// Where a wire turns or ends.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// At a point.
    At(f64, f64),
    /// At a point, with an arrow head.
    Exit(f64, f64),
    /// Sideways.
    ToX(f64),
    /// Up or down.
    ToY(f64),
    /// On a side of a node.
    Left(&'static str),
    /// On a side of a node.
    Right(&'static str),
    /// On a side of a node.
    Top(&'static str),
    /// On a side of a node.
    Bottom(&'static str),
}

use Stop::{At, Bottom, Exit, Left, Right, ToX, ToY, Top};

/// The way of one wire.
#[derive(Clone, Default)]
pub struct Way {
    pub lines: Vec<Vec<Stop>>,
    /// Whether further lines are thinner branches of the first.
    pub branches: bool,
    pub dots: Vec<[f64; 2]>,
    pub bead: Option<[f64; 2]>,
    pub value: Option<Spot>,
    pub gradient: Option<Spot>,
}

impl Plan {
    pub fn way(&self, id: &str) -> Way {
        self.ways.iter().find(|(known, _)| *known == id).map(|(_, way)| way.clone()).unwrap_or_default()
    }
}

fn way<const N: usize>(stops: [Stop; N]) -> Way {
    Way { lines: vec![stops.to_vec()], ..Way::default() }
}

impl Way {
    fn and<const N: usize>(mut self, stops: [Stop; N]) -> Self {
        self.lines.push(stops.to_vec());
        self
    }

    fn branching<const N: usize>(self, dot: (f64, f64), stops: [Stop; N]) -> Self {
        let mut way = self.and(stops);
        way.branches = true;
        way.dot(dot.0, dot.1)
    }

    fn dot(mut self, x: f64, y: f64) -> Self {
        self.dots.push([x, y]);
        self
    }

    fn bead(self, x: f64, y: f64) -> Self {
        Self { bead: Some([x, y]), ..self }
    }

    fn value(self, x: f64, y: f64, anchor: &'static str) -> Self {
        Self { value: Some(Spot { x, y, anchor }), ..self }
    }

    fn gradient(self, x: f64, y: f64, anchor: &'static str) -> Self {
        Self { gradient: Some(Spot { x, y, anchor }), ..self }
    }
}

fn strip(of: &'static str, x: f64, y: f64, width: f64) -> Strip {
    Strip { of, area: Area { x, y, width, height: 7.0 } }
}

pub fn plan(key: &str) -> Plan {
    match key {
        "lstm" => lstm(),
        "gru-before" => gru(false),
        "gru-after" => gru(true),
        "ann-tanh" => ann("tanh"),
        "ann-relu" => ann("ReLU"),
        key => rnn(if key.starts_with("rnn-relu") { "ReLU" } else { "tanh" }, key.ends_with("skip")),
    }
}

/// The row of the gates.
const GATE: f64 = 146.0;
/// The highway of gated cells.
const HIGH: f64 = 44.0;
const LEFT: f64 = 2.0;
const RIGHT: f64 = 320.0;

/// The symbol on a node.
pub fn label(id: &str) -> Label {
    let (text, index, tilde) = match id {
        "h_prev" => ("ℎ", "t−1", false),
        "C_prev" => ("𝐶", "t−1", false),
        "h_skip" => ("ℎ", "t−k", false),
        "s_prev" => ("𝑠", "t−1", false),
        "s" => ("𝑠", "t", false),
        "x" => ("𝑥", "t", false),
        "h" => ("ℎ", "t", false),
        "C" => ("𝐶", "t", false),
        "f" => ("𝑓", "", false),
        "i" => ("𝑖", "", false),
        "o" => ("𝑜", "", false),
        "z" => ("𝑧", "", false),
        "r" => ("𝑟", "", false),
        "C_tilde" => ("𝐶", "", true),
        "h_tilde" => ("ℎ", "", true),
        "W_hh" => ("𝑊", "hh", false),
        "W_xh" => ("𝑊", "xh", false),
        "W_skip" => ("𝑊", "skip", false),
        "U" => ("𝑈", "", false),
        "a" => ("𝑎", "t", false),
        "b_h" => ("𝑏", "h", false),
        _ => ("", "", false),
    };
    Label { text: text.into(), index, tilde, ..Label::default() }
}

fn lstm() -> Plan {
    const LOW: f64 = 200.0;
    const WRITE: f64 = 96.0;
    let [f, i, c, o, out] = [81.0, 128.0, 175.0, 222.0, 250.0];
    let into = |x: f64, id| way([At(x, LOW), Bottom(id)]).gradient(x, 186.0, "middle");
    Plan {
        nodes: vec![
            ("C_prev", LEFT, HIGH),
            ("h_prev", LEFT, LOW),
            ("x", 66.0, 258.0),
            ("f", f, GATE),
            ("i", i, GATE),
            ("C_tilde", c, GATE),
            ("o", o, GATE),
            ("forget", f, HIGH),
            ("add", c, HIGH),
            ("write", c, WRITE),
            ("squash", out, 66.0),
            ("out", out, WRITE),
            ("C", RIGHT, HIGH),
            ("h", RIGHT, LOW),
        ],
        ways: vec![
            (
                "C_prev",
                way([At(LEFT, HIGH), Left("forget")])
                    .bead(40.0, HIGH)
                    .value(LEFT, HIGH + 20.0, "start")
                    .gradient(LEFT, HIGH + 34.0, "start"),
            ),
            (
                "h_prev",
                way([At(LEFT, LOW), ToX(o)]).value(LEFT, LOW + 30.0, "start").gradient(
                    LEFT,
                    LOW + 44.0,
                    "start",
                ),
            ),
            ("x", way([At(66.0, 258.0), ToY(LOW)]).dot(66.0, LOW)),
            ("a_f", into(f, "f")),
            ("a_i", into(i, "i")),
            ("a_C", into(c, "C_tilde")),
            ("a_o", into(o, "o")),
            ("f", way([Top("f"), Bottom("forget")]).bead(f, 90.0)),
            ("i", way([Top("i"), ToY(WRITE), Left("write")]).bead(i, 110.0)),
            ("C_tilde", way([Top("C_tilde"), Bottom("write")]).bead(c, 117.0)),
            ("o", way([Top("o"), ToY(WRITE), Left("out")]).bead(o, 110.0)),
            (
                "kept",
                way([Right("forget"), Left("add")]).bead(f + 30.0, HIGH).value(
                    f + 52.0,
                    HIGH - 9.0,
                    "middle",
                ),
            ),
            ("written", way([Top("write"), Bottom("add")]).bead(c, 71.0).value(c - 8.0, 75.0, "end")),
            (
                "C",
                way([Right("add"), Exit(RIGHT, HIGH)])
                    .branching((out, HIGH), [At(out, HIGH), Top("squash")])
                    .bead(c + 40.0, HIGH)
                    .value(RIGHT, HIGH + 20.0, "end")
                    .gradient(RIGHT, HIGH + 36.0, "end"),
            ),
            ("squashed", way([Bottom("squash"), Top("out")]).value(out - 20.0, 84.0, "end")),
            (
                "h",
                way([Bottom("out"), ToY(LOW), Exit(RIGHT, LOW)])
                    .bead(out, 130.0)
                    .value(RIGHT, LOW + 20.0, "end")
                    .gradient(RIGHT, LOW + 34.0, "end"),
            ),
        ],
        strips: vec![strip("h", LEFT, LOW + 9.0, 48.0), strip("x", 96.0, 246.0, 32.0)],
        factor: Some(Spot { x: f + 48.0, y: HIGH + 17.0, anchor: "middle" }),
        names: Vec::new(),
        function: "",
    }
}

fn gru(after: bool) -> Plan {
    const LOW: f64 = 196.0;
    const TAKE: f64 = 96.0;
    let [fork, z, add] = [26.0, 86.0, 234.0];
    let r = if after { 134.0 } else { 142.0 };
    let (inputs, candidate) = if after { (216.0, add) } else { (212.0, add + 7.0) };
    let foot = GATE + 21.0;
    let stub = |x: f64| {
        way([At(x - 7.0, LOW), Exit(x - 7.0, foot)])
            .and([At(x + 7.0, inputs), Exit(x + 7.0, foot)])
            .gradient(x, 186.0, "middle")
    };
    let mut nodes = vec![
        ("h_prev", LEFT, HIGH),
        ("x", 66.0, 258.0),
        ("z", z, GATE),
        ("r", r, GATE),
        ("h_tilde", add, GATE),
        ("invert", z, 72.0),
        ("stay", z, HIGH),
        ("take", add, TAKE),
        ("add", add, HIGH),
        ("h", RIGHT, HIGH),
    ];
    let reset: Vec<(&'static str, Way)> = if after {
        nodes.extend([("reset", 184.0, GATE), ("U", 184.0, LOW)]);
        vec![
            ("h_bus", way([At(fork, HIGH), ToY(LOW), Left("U")])),
            ("r", way([Right("r"), Left("reset")])),
            ("inner", way([Top("U"), Bottom("reset")]).bead(184.0, 172.0)),
            ("damped", way([Right("reset"), Left("h_tilde")]).bead(200.0, GATE)),
            ("a_h", way([At(add, inputs), Bottom("h_tilde")]).gradient(add, 186.0, "middle")),
        ]
    } else {
        nodes.push(("reset", 186.0, LOW));
        vec![
            ("h_bus", way([At(fork, HIGH), ToY(LOW), Left("reset")])),
            ("r", way([Right("r"), ToX(186.0), Top("reset")]).bead(186.0, 166.0)),
            ("reset", way([Right("reset"), ToX(add - 7.0), Exit(add - 7.0, foot)])),
            ("a_h", way([At(candidate, inputs), Exit(candidate, foot)]).gradient(add, 186.0, "middle")),
        ]
    };
    let mut ways = vec![
        (
            "h_prev",
            way([At(LEFT, HIGH), At(fork, HIGH)]).dot(fork, HIGH).value(LEFT, LOW + 20.0, "start").gradient(
                LEFT,
                LOW + 48.0,
                "start",
            ),
        ),
        ("carried", way([At(fork, HIGH), Left("stay")]).bead(44.0, HIGH)),
        ("x", way([At(66.0, 258.0), ToY(inputs), ToX(candidate)])),
        ("a_z", stub(z)),
        ("a_r", stub(r)),
        (
            "z",
            way([Top("z"), Bottom("invert")])
                .branching((z, TAKE), [At(z, TAKE), Left("take")])
                .bead(z, 112.0),
        ),
        ("keep", way([Top("invert"), Bottom("stay")])),
        (
            "stays",
            way([Right("stay"), Left("add")]).bead(z + 32.0, HIGH).value(z + 74.0, HIGH - 9.0, "middle"),
        ),
        ("h_tilde", way([Top("h_tilde"), Bottom("take")]).bead(add, 117.0)),
        ("taken", way([Top("take"), Bottom("add")]).bead(add, 71.0).value(add - 8.0, 75.0, "end")),
        (
            "h",
            way([Right("add"), Exit(RIGHT, HIGH)])
                .bead(add + 24.0, HIGH)
                .value(RIGHT, HIGH + 20.0, "end")
                .gradient(RIGHT, HIGH + 36.0, "end"),
        ),
    ];
    ways.extend(reset);
    Plan {
        nodes,
        ways,
        strips: vec![strip("h", LEFT, LOW + 27.0, 48.0), strip("x", 96.0, 246.0, 32.0)],
        factor: Some(Spot { x: z + 74.0, y: HIGH + 17.0, anchor: "middle" }),
        names: Vec::new(),
        function: "",
    }
}

/// The line on which RNN and feed-forward network have their sum, φ and what comes out.
const MIDDLE: f64 = 88.0;

/// That line, with the bias that enters the sum; on the way out the bead stands at `bead`.
fn activated(function: &'static str, add: f64, phi: f64, bead: f64) -> Plan {
    let bias = way([Bottom("b_h"), Top("add")]).bead(add, 58.0).value(add + 4.0, 36.0, "start");
    let sum = way([Right("add"), Left("phi")]).value(phi - 14.0, MIDDLE + 62.0, "start");
    let out = way([Right("phi"), Exit(RIGHT, MIDDLE)]).bead(bead, MIDDLE).value(RIGHT, MIDDLE + 20.0, "end");
    Plan {
        nodes: vec![("b_h", add, 32.0), ("add", add, MIDDLE), ("phi", phi, MIDDLE), ("h", RIGHT, MIDDLE)],
        ways: vec![
            ("b_h", bias),
            ("a", sum.gradient(phi - 34.0, MIDDLE + 92.0, "start")),
            ("h", out.gradient(RIGHT, MIDDLE + 34.0, "end")),
        ],
        strips: Vec::new(),
        factor: Some(Spot { x: phi - 34.0, y: MIDDLE + 77.0, anchor: "start" }),
        names: vec![Label { anchor: "start", x: phi - 34.0, y: MIDDLE + 62.0, ..label("a") }],
        function,
    }
}

fn rnn(function: &'static str, skips: bool) -> Plan {
    /// Where what skips comes in.
    const FAR: f64 = 150.0;
    let [w, add, phi, input] = [90.0, 168.0, 226.0, if skips { 206.0 } else { 180.0 }];
    let mut plan = activated(function, add, phi, phi + 58.0);
    plan.nodes.extend([("h_prev", LEFT, MIDDLE), ("x", w, 258.0), ("W_xh", w, input), ("W_hh", w, MIDDLE)]);
    let read = way([Right("W_xh"), ToX(add), Bottom("add")]).bead(add, 140.0);
    let before = way([At(LEFT, MIDDLE), Left("W_hh")]).value(LEFT, MIDDLE + 20.0, "start");
    plan.ways.extend([
        ("x", way([At(w, 258.0), Bottom("W_xh")])),
        ("W_xh", read.value(w + 36.0, input - 7.0, "start")),
        ("h_prev", before.gradient(LEFT, MIDDLE + 34.0, "start")),
        ("W_hh", way([Right("W_hh"), Left("add")]).value(w + 50.0, MIDDLE - 9.0, "middle")),
    ]);
    plan.strips.extend([
        strip("h", LEFT, MIDDLE - 42.0, 48.0),
        strip("x", w + 30.0, 246.0, 32.0),
        strip("W_hh", w - 24.0, MIDDLE + 7.0, 48.0),
        strip("W_xh", w - 24.0, input + 7.0, 48.0),
    ]);
    if skips {
        plan.nodes.extend([("h_skip", LEFT, FAR), ("W_skip", w, FAR)]);
        let far = way([At(LEFT, FAR), Left("W_skip")]).value(LEFT, FAR + 20.0, "start");
        plan.ways.push(("h_skip", far.gradient(LEFT, FAR + 32.0, "start")));
        let sum = way([Right("W_skip"), ToX(add), Bottom("add")]).value(w + 36.0, FAR - 7.0, "start");
        plan.ways.push(("W_skip", sum));
        plan.strips.push(strip("W_skip", w - 24.0, FAR + 7.0, 48.0));
    }
    plan
}

fn ann(function: &'static str) -> Plan {
    let [w, window, add, phi, input] = [66.0, 122.0, 170.0, 220.0, 180.0];
    let mut plan = activated(function, add, phi, phi + 56.0);
    plan.nodes.extend([
        ("s_prev", LEFT, MIDDLE),
        ("x", w, 258.0),
        ("W_xh", w, input),
        ("window", window, MIDDLE),
    ]);
    let read = way([Right("W_xh"), ToX(window), Bottom("window")]).bead(window, 140.0);
    let before = way([At(LEFT, MIDDLE), Left("window")]).bead(w, MIDDLE).value(LEFT, MIDDLE + 20.0, "start");
    plan.ways.extend([
        ("x", way([At(w, 258.0), Bottom("W_xh")])),
        ("W_xh", read.value(w + 36.0, input - 7.0, "start")),
        ("s_prev", before.gradient(LEFT, MIDDLE + 34.0, "start")),
        ("s", way([Right("window"), Left("add")]).value(window + 8.0, MIDDLE - 9.0, "start")),
    ]);
    plan.strips.extend([strip("x", w + 30.0, 246.0, 32.0), strip("W_xh", w - 24.0, input + 7.0, 48.0)]);
    plan
}
