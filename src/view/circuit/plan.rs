//! Where the nodes of each circuit stand and how its wires run, in CSS pixels.

use super::{Area, HEIGHT, Label, Spot, Strip};

/// The places of one circuit.
pub struct Plan {
    pub height: f64,
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
    let normed = key.contains("-norm");
    let function = if key.contains("-relu") { "ReLU" } else { "tanh" };
    match key.split('-').next() {
        Some("lstm") => lstm(normed),
        Some("gru") => gru(key == "gru-after", normed),
        Some("ann") => ann(function),
        _ => rnn(function, key.ends_with("skip"), normed),
    }
}

/// The row of the gates.
const GATE: f64 = 146.0;
/// The highway of gated cells.
const HIGH: f64 = 44.0;
/// The normalisation of gates, and the row of weights below it.
const NORM: f64 = GATE + 55.0;
const ROW: f64 = NORM + 43.0;
/// How much lower the bus of gates with layer normalisation is.
const DEEP: f64 = 65.0;
const LEFT: f64 = 2.0;
const RIGHT: f64 = 320.0;

/// The symbol on a node.
pub fn label(id: &str) -> Label {
    let (text, index, tilde) = match id {
        "h_prev" => ("ℎ", "t−1", false),
        "C_prev" => ("𝐶", "t−1", false),
        "h_skip" => ("ℎ", "t−k", false),
        "s_prev" => ("𝑠", "t−1", false),
        "s" | "sum" => ("𝑠", "t", false),
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
        "W_f" => ("𝑊", "f", false),
        "W_i" => ("𝑊", "i", false),
        "W_C" => ("𝑊", "C", false),
        "W_o" => ("𝑊", "o", false),
        "W_z" => ("𝑊", "z", false),
        "W_r" => ("𝑊", "r", false),
        "W_h" => ("𝑊", "h", false),
        "b_h" => ("𝑏", "h", false),
        _ => ("", "", false),
    };
    Label { text: text.into(), index, tilde, ..Label::default() }
}

/// The numbers of a wire below the gates stand in two rows, so that neighbours have room: forward its value, on the way
/// back its gradient.
fn close(way: Way, x: f64, foot: f64, low: bool) -> Way {
    let y = foot + if low { 24.0 } else { 14.5 };
    way.value(x, y, "middle").gradient(x, y, "middle")
}

/// Nodes by their middle, and ways of wires.
type Parts = (Vec<(&'static str, f64, f64)>, Vec<(&'static str, Way)>);

/// What leads into a gate, and with layer normalisation what stands before it: nodes and wires.
fn entrance(
    [gate, row, norm, sum, pre]: [&'static str; 5],
    x: f64,
    (low, normed): (bool, bool),
    stub: impl FnOnce() -> Way,
) -> Parts {
    if !normed {
        return (Vec::new(), vec![(pre, close(stub(), x, GATE + 21.0, low))]);
    }
    let ways = vec![
        (sum, close(way([Top(row), Bottom(norm)]), x, NORM + 8.0, low)),
        (pre, close(way([Top(norm), Bottom(gate)]), x, GATE + 21.0, low)),
    ];
    (vec![(row, x, ROW), (norm, x, NORM)], ways)
}

fn lstm(normed: bool) -> Plan {
    const WRITE: f64 = 96.0;
    /// Where x joins the bus.
    const JOINT: f64 = 70.0;
    let down = if normed { DEEP } else { 0.0 };
    let (low, height) = (200.0 + down, HEIGHT + down);
    let [f, i, c, o, out] = [81.0, 128.0, 175.0, 222.0, 254.0];
    let gates = [
        (["f", "W_f", "n_f", "s_f", "a_f"], f, false),
        (["i", "W_i", "n_i", "s_i", "a_i"], i, true),
        (["C_tilde", "W_C", "n_C", "s_C", "a_C"], c, false),
        (["o", "W_o", "n_o", "s_o", "a_o"], o, true),
    ];
    let mut nodes = vec![
        ("C_prev", LEFT, HIGH),
        ("h_prev", LEFT, low),
        ("x", JOINT, height),
        ("f", f, GATE),
        ("i", i, GATE),
        ("C_tilde", c, GATE),
        ("o", o, GATE),
        ("forget", f, HIGH),
        ("add", c, HIGH),
        ("write", c, WRITE),
        ("squash", out, 70.0),
        ("out", out, WRITE),
        ("C", RIGHT, HIGH),
        ("h", RIGHT, low),
    ];
    let mut bus = way([At(LEFT, low), ToX(o)]);
    let mut ways = Vec::new();
    for (names, x, lower) in gates {
        if normed {
            bus = bus.and([At(x, low), Bottom(names[1])]);
        }
        let (before, wires) = entrance(names, x, (lower, normed), || way([At(x, low), Bottom(names[0])]));
        nodes.extend(before);
        ways.extend(wires);
    }
    ways.extend([
        (
            "C_prev",
            way([At(LEFT, HIGH), Left("forget")])
                .bead(40.0, HIGH)
                .value(LEFT, HIGH + 18.0, "start")
                .gradient(LEFT, HIGH + 31.0, "start"),
        ),
        ("h_prev", bus.value(LEFT, low + 30.0, "start").gradient(LEFT, low + 43.0, "start")),
        ("x", way([At(JOINT, height), ToY(low)]).dot(JOINT, low)),
        ("f", way([Top("f"), Bottom("forget")]).bead(f, 90.0)),
        ("i", way([Top("i"), ToY(WRITE), Left("write")]).bead(i, 110.0)),
        ("C_tilde", way([Top("C_tilde"), Bottom("write")]).bead(c, 117.0)),
        ("o", way([Top("o"), ToY(WRITE), Left("out")]).bead(o, 110.0)),
        (
            "kept",
            way([Right("forget"), Left("add")]).bead(f + 30.0, HIGH).value(f + 52.0, HIGH - 9.0, "middle"),
        ),
        ("written", way([Top("write"), Bottom("add")]).bead(c, 71.0).value(c - 8.0, 75.0, "end")),
        (
            "C",
            way([Right("add"), Exit(RIGHT, HIGH)])
                .branching((out, HIGH), [At(out, HIGH), Top("squash")])
                .bead(c + 40.0, HIGH)
                .value(RIGHT, HIGH + 17.0, "end")
                .gradient(RIGHT - 24.0, HIGH - 11.0, "end"),
        ),
        ("squashed", way([Bottom("squash"), Top("out")]).value(out - 20.0, 85.0, "end")),
        (
            "h",
            way([Bottom("out"), ToY(low), Exit(RIGHT, low)])
                .bead(out, 130.0)
                .value(RIGHT, low + 20.0, "end")
                .gradient(RIGHT, low + 33.0, "end"),
        ),
    ]);
    Plan {
        height,
        nodes,
        ways,
        strips: vec![strip("h", LEFT, low + 9.0, 48.0), strip("x", JOINT + 30.0, height - 12.0, 32.0)],
        factor: Some(Spot { x: f + 48.0, y: HIGH + 17.0, anchor: "middle" }),
        names: Vec::new(),
        function: "",
    }
}

/// The reset of a GRU, after or before the product.
fn reset(after: bool, low: f64, foot: f64, add: f64) -> Parts {
    if after {
        let ways = vec![
            ("r", way([Right("r"), Left("reset")])),
            ("inner", way([Top("U"), Bottom("reset")]).bead(184.0, 172.0)),
            ("damped", way([Right("reset"), Left("h_tilde")]).bead(200.0, GATE)),
        ];
        return (vec![("reset", 184.0, GATE), ("U", 184.0, low)], ways);
    }
    let ways = vec![
        ("r", way([Right("r"), ToX(186.0), Top("reset")]).bead(186.0, 166.0)),
        ("reset", way([Right("reset"), ToX(add - 7.0), Exit(add - 7.0, foot)])),
    ];
    (vec![("reset", 186.0, low)], ways)
}

fn gru(after: bool, normed: bool) -> Plan {
    const TAKE: f64 = 96.0;
    const JOINT: f64 = 70.0;
    let down = if normed { DEEP } else { 0.0 };
    let (low, height) = (196.0 + down, HEIGHT + down);
    let [fork, z, add] = [26.0, 84.0, 234.0];
    let r = if after { 136.0 } else { 142.0 };
    let (inputs, candidate) = if after { (low + 20.0, add) } else { (low + 16.0, add + 7.0) };
    let foot = if normed { ROW + 9.0 } else { GATE + 21.0 };
    let mut nodes = vec![
        ("h_prev", LEFT, HIGH),
        ("x", JOINT, height),
        ("z", z, GATE),
        ("r", r, GATE),
        ("h_tilde", add, GATE),
        ("invert", z, 72.0),
        ("stay", z, HIGH),
        ("take", add, TAKE),
        ("add", add, HIGH),
        ("h", RIGHT, HIGH),
    ];
    let mut bus = way([At(fork, HIGH), ToY(low), Left(if after { "U" } else { "reset" })]);
    let mut input = way([At(JOINT, height), ToY(inputs), ToX(candidate)]);
    let mut ways = Vec::new();
    let gates = [(["z", "W_z", "n_z", "s_z", "a_z"], z, false), (["r", "W_r", "n_r", "s_r", "a_r"], r, true)];
    for (names, x, lower) in gates {
        if normed {
            bus = bus.and([At(x - 7.0, low), Exit(x - 7.0, foot)]);
            input = input.and([At(x + 7.0, inputs), Exit(x + 7.0, foot)]);
        }
        let (before, wires) = entrance(names, x, (lower, normed), || {
            way([At(x - 7.0, low), Exit(x - 7.0, foot)]).and([At(x + 7.0, inputs), Exit(x + 7.0, foot)])
        });
        nodes.extend(before);
        ways.extend(wires);
    }
    if normed {
        input = input.and([At(candidate, inputs), Exit(candidate, foot)]);
    }
    let (before, wires) = entrance(["h_tilde", "W_h", "n_h", "s_h", "a_h"], add, (false, normed), || {
        if after {
            way([At(add, inputs), Bottom("h_tilde")])
        } else {
            way([At(candidate, inputs), Exit(candidate, foot)])
        }
    });
    nodes.extend(before);
    ways.extend(wires);
    let (before, wires) = reset(after, low, foot, add);
    nodes.extend(before);
    ways.extend(wires);
    ways.extend([
        ("h_bus", bus),
        (
            "h_prev",
            way([At(LEFT, HIGH), At(fork, HIGH)]).dot(fork, HIGH).value(LEFT, low + 20.0, "start").gradient(
                LEFT,
                low + 47.0,
                "start",
            ),
        ),
        ("carried", way([At(fork, HIGH), Left("stay")]).bead(44.0, HIGH)),
        ("x", input),
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
                .gradient(RIGHT, HIGH + 34.0, "end"),
        ),
    ]);
    Plan {
        height,
        nodes,
        ways,
        strips: vec![strip("h", LEFT, low + 27.0, 48.0), strip("x", JOINT + 30.0, height - 12.0, 32.0)],
        factor: Some(Spot { x: z + 74.0, y: HIGH + 17.0, anchor: "middle" }),
        names: Vec::new(),
        function: "",
    }
}

/// The line on which RNN and feed-forward network have their sum, φ and what comes out.
const MIDDLE: f64 = 88.0;

/// That line: the sum, φ, what comes out, and the bias, which enters at `bias`. Numbers are listed from `list` on.
fn activated(
    function: &'static str,
    [add, phi, bias]: [f64; 3],
    into: &'static str,
    list: (f64, f64),
) -> Plan {
    let enters = way([Bottom("b_h"), Top(into)]).bead(bias, 58.0).value(bias + 4.0, 36.0, "start");
    let sum = way([Right(into), Left("phi")]).value(list.0 + 20.0, list.1, "start");
    let bead = (phi + 31.0 + RIGHT - 7.0) / 2.0;
    let out = way([Right("phi"), Exit(RIGHT, MIDDLE)]).bead(bead, MIDDLE).value(RIGHT, MIDDLE + 20.0, "end");
    Plan {
        height: HEIGHT,
        nodes: vec![("b_h", bias, 32.0), ("add", add, MIDDLE), ("phi", phi, MIDDLE), ("h", RIGHT, MIDDLE)],
        ways: vec![
            ("b_h", enters),
            ("a", sum.gradient(list.0, list.1 + 30.0, "start")),
            ("h", out.gradient(RIGHT, MIDDLE + 34.0, "end")),
        ],
        strips: Vec::new(),
        factor: Some(Spot { x: list.0, y: list.1 + 15.0, anchor: "start" }),
        names: vec![Label { anchor: "start", x: list.0, y: list.1, ..label("a") }],
        function,
    }
}

fn rnn(function: &'static str, skips: bool, normed: bool) -> Plan {
    /// Where what skips comes in.
    const FAR: f64 = 150.0;
    let (w, input) = (86.0, if skips { 206.0 } else { 180.0 });
    let (add, mut plan) = if normed {
        let [add, norm, phi] = [140.0, 178.0, 232.0];
        let mut plan = activated(function, [add, phi, norm], "norm", (phi - 31.0, MIDDLE + 62.0));
        plan.nodes.push(("norm", norm, MIDDLE));
        let (x, y) = (add + 8.0, MIDDLE + 112.0);
        let sum = way([Right("add"), Left("norm")]).value(x + 20.0, y, "start");
        plan.ways.push(("sum", sum.gradient(x, y + 15.0, "start")));
        plan.names.push(Label { anchor: "start", x, y, ..label("sum") });
        if let Some((_, way)) = plan.ways.iter_mut().find(|(id, _)| *id == "h") {
            *way = way.clone().gradient(RIGHT, MIDDLE + 53.0, "end");
        }
        (add, plan)
    } else {
        let [add, phi] = [176.0, 227.0];
        (add, activated(function, [add, phi, add], "add", (phi - 31.0, MIDDLE + 62.0)))
    };
    // Beside the wire, or where that is short over the box.
    let sum = |id: &'static str, y: f64, beside: f64| {
        let stops = if id == "W_hh" {
            way([Right(id), Left("add")])
        } else {
            way([Right(id), ToX(add), Bottom("add")])
        };
        let (x, y, anchor) =
            if normed { (w + 32.0, y - 22.0, "end") } else { (w + 32.0, y - beside, "start") };
        (id, stops.value(x, y, anchor))
    };
    plan.nodes.extend([("h_prev", LEFT, MIDDLE), ("x", w, 258.0), ("W_xh", w, input), ("W_hh", w, MIDDLE)]);
    let read = sum("W_xh", input, 7.0);
    let before = way([At(LEFT, MIDDLE), Left("W_hh")]).value(LEFT, MIDDLE + 18.0, "start");
    plan.ways.extend([
        ("x", way([At(w, 258.0), Bottom("W_xh")])),
        ("W_xh", read.1.bead(add, 140.0)),
        ("h_prev", before.gradient(LEFT, MIDDLE + 31.0, "start")),
        sum("W_hh", MIDDLE, 9.0),
    ]);
    plan.strips.extend([
        strip("h", LEFT, MIDDLE - 42.0, 48.0),
        strip("x", w + 30.0, 246.0, 32.0),
        strip("W_hh", w - 24.0, MIDDLE + 7.0, 48.0),
        strip("W_xh", w - 24.0, input + 7.0, 48.0),
    ]);
    if skips {
        plan.nodes.extend([("h_skip", LEFT, FAR), ("W_skip", w, FAR)]);
        let far = way([At(LEFT, FAR), Left("W_skip")]).value(LEFT, FAR + 15.0, "start");
        plan.ways.push(("h_skip", far.gradient(LEFT, FAR + 27.0, "start")));
        plan.ways.push(sum("W_skip", FAR, 7.0));
        plan.strips.push(strip("W_skip", w - 24.0, FAR + 7.0, 48.0));
    }
    plan
}

fn ann(function: &'static str) -> Plan {
    let [w, window, add, phi, input] = [60.0, 106.0, 176.0, 227.0, 180.0];
    let mut plan = activated(function, [add, phi, add], "add", (phi - 31.0, MIDDLE + 62.0));
    plan.nodes.extend([
        ("s_prev", LEFT, MIDDLE),
        ("x", w, 258.0),
        ("W_xh", w, input),
        ("window", window, MIDDLE),
    ]);
    let read = way([Right("W_xh"), ToX(window), Bottom("window")]).bead(window, 140.0);
    let before = way([At(LEFT, MIDDLE), Left("window")]).bead(w, MIDDLE).value(LEFT, MIDDLE + 18.0, "start");
    plan.ways.extend([
        ("x", way([At(w, 258.0), Bottom("W_xh")])),
        ("W_xh", read.value(window + 7.0, input, "start")),
        ("s_prev", before.gradient(LEFT, MIDDLE + 31.0, "start")),
        ("s", way([Right("window"), Left("add")]).value(window + 11.0, MIDDLE - 9.0, "start")),
    ]);
    plan.strips.extend([strip("x", w + 30.0, 246.0, 32.0), strip("W_xh", w - 24.0, input + 7.0, 48.0)]);
    plan
}
