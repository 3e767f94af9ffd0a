//! Experiment files, format `unrolled/1`.

use ndarray::Array2;
use serde_json::{Map, Value, json};

use super::init::{Draw, Init, Scheme};
use super::settings::{LARGEST_HIDDEN, MOST_LAYERS};
use super::weights::blocks;
use super::{
    Activation, Cell, Choice, Clip, Direction, Experiment, Head, Held, LayerWeights, Limit, Loss, Precision,
    Reset, Shape, Spec, Target, Weights,
};
use crate::Error;
use crate::json::{Flag as _, Node, matrix, number, vector};

/// What the first field of an experiment file says.
pub const FORMAT: &str = "unrolled/1";

/// The largest sizes that a file may ask for.
pub mod limits {
    /// Largest `hidden`.
    pub const HIDDEN: u64 = 1024;
    /// Largest `inputs` and `outputs`.
    pub const WIDTH: u64 = 4096;
    /// Most `layers`.
    pub const LAYERS: u64 = super::MOST_LAYERS as u64;
    /// Most parameters in all.
    pub const PARAMETERS: usize = 10_000_000;
    /// Most time steps.
    pub const STEPS: usize = 10_000;
    /// Most numbers in one recorded symbol of one layer, `T · H`.
    pub const CELLS: usize = 4_000_000;
}

/// Reads an experiment file.
///
/// # Errors
/// Names the place, what belongs there and what stands there.
pub fn parse(text: &str) -> Result<Experiment, Error> {
    from_value(&document(text)?)
}

/// Reads a JSON document.
///
/// # Errors
/// Names line and column.
pub fn document(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let text = error.to_string();
        let problem = text.split(" at line ").next().unwrap_or(&text);
        Error::at(place, "JSON", problem)
    })
}

/// Reads an experiment from a JSON document.
///
/// # Errors
/// As [`parse`].
pub fn from_value(value: &Value) -> Result<Experiment, Error> {
    let root = Node::root(value);
    let format = root.field("format")?;
    if format.text()? != FORMAT {
        return Err(format.error(format!("\"{FORMAT}\"")));
    }
    let precision = root.optional("precision")?.map_or(Ok(Precision::F64), |node| node.choice())?;
    let model = root.field("model")?;
    let spec = spec(&model, &root)?;
    let loss: Loss = root.field("loss")?.choice()?;
    let (x, target) = data(&root, &spec, loss)?;
    let teaching = teaching(&root, &spec)?;
    let (weights, init) = match (model.optional("weights")?, model.optional("init")?) {
        (Some(node), _) => (weights(&node, &spec)?, None),
        (None, Some(node)) => {
            let init = read_init(&node)?;
            (Draw::default().weights(&spec, &init), Some(init))
        }
        (None, None) => return Err(Error::at(model.place("weights"), "weights or init", "neither")),
    };
    Ok(Experiment { precision, spec, weights, init, x, target, teaching })
}

/// Whether steps that read outputs are told the targets: yes, unless the file says no.
fn teaching(root: &Node, spec: &Spec) -> Result<bool, Error> {
    match root.optional("teaching")? {
        None => Ok(spec.reads_outputs()),
        Some(node) if spec.reads_outputs() => node.flag(),
        Some(node) => {
            let wanted = "no teaching: only encoder-decoder, and one-to-many with feedback, read outputs";
            Err(Error::at(node.here(), wanted, node.found()))
        }
    }
}

/// For how many steps a feed-forward network has weights: as the file says, else for those that it brings.
fn places(model: &Node, root: &Node, cell: Cell) -> Result<usize, Error> {
    let node = model.optional("places")?;
    match node {
        Some(node) if cell.recurs() => {
            Err(Error::at(node.here(), "no places: only ann has weights for each step", node.found()))
        }
        _ if cell.recurs() => Ok(0),
        Some(node) => node.integer(1..=limits::STEPS as u64),
        None => Ok(root.field("x")?.items()?.len().max(1)),
    }
}

fn spec(model: &Node, root: &Node) -> Result<Spec, Error> {
    let cell: Cell = model.field("cell")?.choice()?;
    let only = |name: &str, owners: &[Cell]| -> Result<Option<Node>, Error> {
        let Some(node) = model.optional(name)? else { return Ok(None) };
        if owners.contains(&cell) {
            return Ok(Some(node));
        }
        let owners: Vec<_> = owners.iter().map(|owner| owner.word()).collect();
        let has = if owners.len() == 1 { "has" } else { "have" };
        Err(Error::at(
            node.here(),
            format!("no {name}: only {} {has} one", owners.join(" and ")),
            node.found(),
        ))
    };
    let spec = Spec {
        cell,
        places: places(model, root, cell)?,
        inputs: model.field("inputs")?.integer(1..=limits::WIDTH)?,
        hidden: model.field("hidden")?.integer(1..=limits::HIDDEN)?,
        outputs: model.field("outputs")?.integer(1..=limits::WIDTH)?,
        layers: model.optional("layers")?.map_or(Ok(1), |node| node.integer(1..=limits::LAYERS))?,
        bidirectional: model.optional("bidirectional")?.on()?,
        shape: model.field("shape")?.choice()?,
        feedback: model.optional("feedback")?.on()?,
        activation: only("activation", &[Cell::Rnn, Cell::Ann])?
            .map_or(Ok(Activation::Tanh), |node| node.choice())?,
        reset: only("reset", &[Cell::Gru])?.map_or(Ok(Reset::Before), |node| node.choice())?,
        layer_norm: model.optional("layer_norm")?.on()?,
        held: model.optional("hold")?.map_or(Ok(Held::None), |node| held(&node, cell))?,
        window: model.optional("window")?.map_or(Ok(0), |node| node.integer(0..=limits::STEPS as u64))?,
        limit: model.optional("clip_back")?.map_or(Ok(None), |node| limit(&node))?,
        skip: only("skip", &[Cell::Rnn])?.map_or(Ok(0), |node| node.integer(0..=limits::STEPS as u64))?,
    };
    if spec.skip == 1 {
        return Err(Error::at(model.place("skip"), "0, or 2 and more: h_{t−1} is read anyway", 1));
    }
    if spec.skip > 0 && (spec.window > 0 || spec.limit.is_some()) {
        let wanted = "0 where the way back is truncated or clipped: only the step before is defined there";
        return Err(Error::at(model.place("skip"), wanted, spec.skip));
    }
    spec.feeds_forward().map_err(|(field, wanted, found)| Error::at(model.place(field), wanted, found))?;
    if spec.feedback {
        let refuse = |wanted: String, found: String| Err(Error::at(model.place("feedback"), wanted, found));
        if spec.shape != Shape::OneToMany {
            let wanted = "false: only one-to-many chooses what its later steps read".to_owned();
            return refuse(wanted, format!("true for {}", spec.shape.word()));
        }
        if spec.bidirectional {
            let wanted =
                "false where bidirectional is true: read backward, an output comes before it is made";
            return refuse(wanted.to_owned(), "true".to_owned());
        }
        if spec.inputs != spec.outputs {
            let wanted = format!("false, or as many outputs as inputs ({})", spec.inputs);
            return refuse(wanted, format!("true with {} outputs", spec.outputs));
        }
    }
    // A browser's usize has 32 bits: the product over a window may leave them.
    let window = spec.places.saturating_mul(spec.inputs).saturating_mul(spec.hidden);
    let parameters = if window > limits::PARAMETERS { window } else { spec.parameters() };
    if parameters > limits::PARAMETERS {
        let wanted = format!("at most {} parameters", limits::PARAMETERS);
        return Err(Error::at("model", wanted, parameters));
    }
    if spec.layer_norm && spec.reset == Reset::After {
        let wanted = "false where reset is \"after\": the normalised sum is not defined there";
        return Err(Error::at(model.place("layer_norm"), wanted, "true"));
    }
    Ok(spec)
}

fn held(node: &Node, cell: Cell) -> Result<Held, Error> {
    let held = node.choice()?;
    let (known, words): (&[Held], _) = match cell {
        Cell::Rnn => (&[], "none: rnn has no gate"),
        Cell::Lstm => (&[Held::F, Held::I, Held::O], "none, f, i or o for lstm"),
        Cell::Gru => (&[Held::R], "none or r for gru"),
        Cell::Ann => (&[], "none: ann has no gate"),
    };
    if held == Held::None || known.contains(&held) { Ok(held) } else { Err(node.error(words)) }
}

fn limit(node: &Node) -> Result<Option<Limit>, Error> {
    let clip = node.field("by")?.choice()?;
    let at = node.field("at")?;
    let limit = Limit { clip, at: at.finite()? };
    if limit.at <= 0.0 {
        return Err(at.error("a number above 0"));
    }
    Ok(Some(limit).filter(|limit| limit.clip != Clip::Off))
}

/// Whether the page can show a model: not wider or longer than its pictures.
///
/// # Errors
/// Names the field, what the page shows and what the file has.
pub fn check_page(experiment: &Experiment) -> Result<(), Error> {
    const STEPS: usize = 1000;
    let hidden = experiment.spec.hidden;
    let steps = experiment.steps().count;
    if hidden > LARGEST_HIDDEN {
        return Err(Error::at("model.hidden", format!("1 to {LARGEST_HIDDEN} on this page"), hidden));
    }
    if steps > STEPS {
        return Err(Error::at("x", format!("1 to {STEPS} steps on this page"), steps));
    }
    Ok(())
}

fn data(root: &Node, spec: &Spec, loss: Loss) -> Result<(Array2<f64>, Target), Error> {
    let one = matches!(spec.shape, Shape::OneToOne | Shape::OneToMany);
    let x = root.field("x")?;
    let steps = rows(&x, if one { 1 } else { limits::STEPS }, spec.hidden)?;
    if !spec.cell.recurs() && steps > spec.places {
        let wanted = format!("at most {} rows, for which ann has weights", spec.places);
        return Err(Error::at(x.here(), wanted, steps));
    }
    let x = x.matrix(steps, spec.inputs)?;
    let target = root.field("target")?;
    let outputs = match spec.shape {
        Shape::OneToMany | Shape::EncoderDecoder => rows(&target, limits::STEPS, spec.width())?,
        Shape::OneToOne | Shape::ManyToOne | Shape::ManyToMany => spec.output_steps(steps).len(),
    };
    let target = match loss {
        Loss::SquaredError => Target::Values(target.matrix(outputs, spec.outputs)?),
        Loss::CrossEntropy => {
            let classes = target.list(outputs, "class indices")?;
            let last = spec.outputs as u64 - 1;
            Target::Classes(classes.iter().map(|node| node.integer(0..=last)).collect::<Result<_, _>>()?)
        }
    };
    Ok((x, target))
}

/// How many steps a list has: at least one, at most `most`, and not too many for so many hidden units.
fn rows(node: &Node, most: usize, hidden: usize) -> Result<usize, Error> {
    let steps = node.items()?.len();
    if !(1..=most).contains(&steps) {
        return Err(Error::at(node.here(), format!("1 to {most} rows"), steps));
    }
    if steps * hidden > limits::CELLS {
        let wanted = format!("at most {} steps for {hidden} hidden units", limits::CELLS / hidden);
        return Err(Error::at(node.here(), wanted, steps));
    }
    Ok(steps)
}

fn weights(node: &Node, spec: &Spec) -> Result<Weights, Error> {
    let stack = |entries: &Node, spec: &Spec, decodes: bool| -> Result<Vec<LayerWeights>, Error> {
        let sweeps: Vec<_> = spec.sweeps().collect();
        entries
            .list(sweeps.len(), "entries, one per layer and direction")?
            .iter()
            .zip(sweeps)
            .map(|(entry, (layer, direction))| layer_weights(entry, spec, layer, direction, decodes))
            .collect()
    };
    let layers = stack(&node.field("layers")?, spec, false)?;
    let decoder = match (spec.decoder(), node.optional("decoder")?) {
        (Some(spec), _) => stack(&node.field("decoder")?, &spec, true)?,
        (None, None) => Vec::new(),
        (None, Some(node)) => {
            return Err(Error::at(node.here(), "no decoder: only encoder-decoder has one", node.found()));
        }
    };
    let head = node.field("head")?;
    let head = Head {
        w_hy: head.field("W_hy")?.matrix(spec.outputs, spec.width())?,
        b_y: head.field("b_y")?.vector(spec.outputs)?,
    };
    Ok(Weights { layers, decoder, head })
}

fn layer_weights(
    entry: &Node,
    spec: &Spec,
    layer: usize,
    direction: Direction,
    decodes: bool,
) -> Result<LayerWeights, Error> {
    let number = entry.field("layer")?;
    if number.integer(1..=limits::LAYERS)? != layer + 1 {
        return Err(number.error(layer + 1));
    }
    let side = entry.field("direction")?;
    if side.choice::<Direction>()? != direction {
        return Err(side.error(format!("\"{}\"", direction.word())));
    }
    let values = blocks(spec, spec.inputs_of(layer))
        .into_iter()
        .map(|block| {
            let node = entry.field(block.name)?;
            let value = match block.columns {
                Some(columns) => node.matrix(block.rows, columns)?,
                None => column(&node.vector(block.rows)?),
            };
            Ok((block.name, value))
        })
        .collect::<Result<_, Error>>()?;
    let start = |name: &str| -> Result<Vec<f64>, Error> {
        match entry.optional(name)? {
            Some(node) if decodes => {
                let wanted = format!("no {name}: a decoder starts from the encoder's last states");
                Err(Error::at(node.here(), wanted, node.found()))
            }
            Some(node) if !spec.cell.recurs() => {
                Err(Error::at(node.here(), format!("no {name}: ann starts from nothing"), node.found()))
            }
            Some(node) => node.vector(spec.hidden),
            None => Ok(vec![0.0; if decodes || !spec.cell.recurs() { 0 } else { spec.hidden }]),
        }
    };
    if let (true, Some(node)) = (spec.cell != Cell::Lstm, entry.optional("C_0")?) {
        return Err(Error::at(node.here(), "no C_0: only lstm has one", node.found()));
    }
    Ok(LayerWeights { layer: layer + 1, direction, values, h_0: start("h_0")?, c_0: start("C_0")? })
}

fn column(values: &[f64]) -> Array2<f64> {
    Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row])
}

fn read_init(node: &Node) -> Result<Init, Error> {
    let scheme: Scheme = node.field("scheme")?.choice()?;
    let default = Init::default();
    let finite = |name: &str, default: f64| -> Result<f64, Error> {
        node.optional(name)?.map_or(Ok(default), |node| node.finite())
    };
    Ok(Init {
        scheme,
        seed: node.field("seed")?.integer(0..=u64::from(u32::MAX))? as u64,
        rho: node.optional("rho")?.map(|node| node.finite()).transpose()?,
        forget_bias: finite("forget_bias", default.forget_bias)?,
        update_bias: finite("update_bias", default.update_bias)?,
        constant: finite("constant", default.constant)?,
    })
}

/// Writes an experiment with its weights, in the order of the format's description.
#[must_use]
pub fn to_value(experiment: &Experiment) -> Value {
    let spec = &experiment.spec;
    let mut model = json!({
        "cell": spec.cell.word(),
        "inputs": spec.inputs, "hidden": spec.hidden, "outputs": spec.outputs,
        "layers": spec.layers, "bidirectional": spec.bidirectional,
        "shape": spec.shape.word(),
    });
    if let Value::Object(fields) = &mut model {
        if spec.shape == Shape::OneToMany {
            fields.insert("feedback".into(), spec.feedback.into());
        }
        match spec.cell {
            Cell::Rnn | Cell::Ann => {
                _ = fields.insert("activation".into(), spec.activation.word().into());
            }
            Cell::Gru => _ = fields.insert("reset".into(), spec.reset.word().into()),
            Cell::Lstm => {}
        }
        if spec.places > 0 {
            fields.insert("places".into(), spec.places.into());
        }
        fields.insert("layer_norm".into(), spec.layer_norm.into());
        if spec.held != Held::None {
            fields.insert("hold".into(), spec.held.word().into());
        }
        if spec.window > 0 {
            fields.insert("window".into(), spec.window.into());
        }
        if spec.skip > 0 {
            fields.insert("skip".into(), spec.skip.into());
        }
        if let Some(Limit { clip, at }) = spec.limit {
            fields.insert("clip_back".into(), json!({ "by": clip.word(), "at": at }));
        }
        fields.insert("weights".into(), weights_value(&experiment.weights, spec.cell));
    }
    let target = match &experiment.target {
        Target::Values(values) => matrix(values),
        Target::Classes(classes) => classes.clone().into(),
    };
    let mut file = json!({
        "format": FORMAT,
        "precision": experiment.precision.word(),
        "model": model,
        "loss": experiment.loss().word(),
        "x": matrix(&experiment.x),
        "target": target,
    });
    if spec.reads_outputs() {
        file["teaching"] = experiment.teaching.into();
    }
    file
}

/// Weights, or a gradient of the same type, by name.
#[must_use]
pub fn weights_value(weights: &Weights, cell: Cell) -> Value {
    let entry = |layer: &LayerWeights| {
        let mut fields = Map::new();
        fields.insert("layer".into(), layer.layer.into());
        fields.insert("direction".into(), layer.direction.word().into());
        fields.extend(layer.values.iter().map(|(name, value)| ((*name).into(), block_value(name, value))));
        if !layer.h_0.is_empty() {
            fields.insert("h_0".into(), vector(&layer.h_0));
            if cell == Cell::Lstm {
                fields.insert("C_0".into(), vector(&layer.c_0));
            }
        }
        Value::Object(fields)
    };
    let mut value = Map::new();
    value.insert("layers".into(), weights.layers.iter().map(entry).collect());
    if !weights.decoder.is_empty() {
        value.insert("decoder".into(), weights.decoder.iter().map(entry).collect());
    }
    let Head { w_hy, b_y } = &weights.head;
    value.insert("head".into(), json!({ "W_hy": matrix(w_hy), "b_y": vector(b_y) }));
    Value::Object(value)
}

fn block_value(name: &str, value: &Array2<f64>) -> Value {
    if name.starts_with('W') { matrix(value) } else { value.iter().map(|&v| number(v)).collect() }
}
