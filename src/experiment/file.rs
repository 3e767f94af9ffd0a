//! Experiment files, format `unrolled/1`.

use ndarray::Array2;
use serde_json::{Map, Value, json};

use super::init::{Draw, Init, Scheme};
use super::settings::{LARGEST_HIDDEN, MOST_LAYERS};
use super::weights::blocks;
use super::{
    Activation, Cell, Choice, Direction, Experiment, Head, LayerWeights, Loss, Precision, Reset, Shape, Spec,
    Target, Weights,
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
    let spec = spec(&model)?;
    let loss: Loss = root.field("loss")?.choice()?;
    let (x, target) = data(&root, &spec, loss)?;
    let (weights, init) = match (model.optional("weights")?, model.optional("init")?) {
        (Some(node), _) => (weights(&node, &spec)?, None),
        (None, Some(node)) => {
            let init = read_init(&node)?;
            (Draw::default().weights(&spec, &init), Some(init))
        }
        (None, None) => return Err(Error::at(model.place("weights"), "weights or init", "neither")),
    };
    Ok(Experiment { precision, spec, weights, init, x, target })
}

fn spec(model: &Node) -> Result<Spec, Error> {
    let cell: Cell = model.field("cell")?.choice()?;
    let only = |name: &str, owner: Cell| -> Result<Option<Node>, Error> {
        let Some(node) = model.optional(name)? else { return Ok(None) };
        if cell == owner {
            return Ok(Some(node));
        }
        Err(Error::at(node.here(), format!("no {name}: only {} has one", owner.word()), node.found()))
    };
    let spec = Spec {
        cell,
        inputs: model.field("inputs")?.integer(1..=limits::WIDTH)?,
        hidden: model.field("hidden")?.integer(1..=limits::HIDDEN)?,
        outputs: model.field("outputs")?.integer(1..=limits::WIDTH)?,
        layers: model.optional("layers")?.map_or(Ok(1), |node| node.integer(1..=limits::LAYERS))?,
        bidirectional: model.optional("bidirectional")?.on()?,
        shape: model.field("shape")?.choice()?,
        activation: only("activation", Cell::Rnn)?.map_or(Ok(Activation::Tanh), |node| node.choice())?,
        reset: only("reset", Cell::Gru)?.map_or(Ok(Reset::Before), |node| node.choice())?,
        layer_norm: model.optional("layer_norm")?.on()?,
    };
    if matches!(spec.shape, Shape::OneToMany | Shape::EncoderDecoder) {
        let known = "one-to-one, many-to-one or many-to-many in this version";
        return Err(Error::at(model.place("shape"), known, format!("\"{}\"", spec.shape.word())));
    }
    if spec.parameters() > limits::PARAMETERS {
        let wanted = format!("at most {} parameters", limits::PARAMETERS);
        return Err(Error::at("model", wanted, spec.parameters()));
    }
    if spec.layer_norm && spec.reset == Reset::After {
        let wanted = "false where reset is \"after\": the normalised sum is not defined there";
        return Err(Error::at(model.place("layer_norm"), wanted, "true"));
    }
    Ok(spec)
}

/// Whether the page can show a model: not wider or longer than its pictures.
///
/// # Errors
/// Names the field, what the page shows and what the file has.
pub fn check_page(experiment: &Experiment) -> Result<(), Error> {
    const STEPS: usize = 1000;
    let hidden = experiment.spec.hidden;
    let steps = experiment.x.nrows();
    if hidden > LARGEST_HIDDEN {
        return Err(Error::at("model.hidden", format!("1 to {LARGEST_HIDDEN} on this page"), hidden));
    }
    if steps > STEPS {
        return Err(Error::at("x", format!("1 to {STEPS} rows on this page"), steps));
    }
    Ok(())
}

fn data(root: &Node, spec: &Spec, loss: Loss) -> Result<(Array2<f64>, Target), Error> {
    let x = root.field("x")?;
    let steps = x.items()?.len();
    let range = if spec.shape == Shape::OneToOne { 1..=1 } else { 1..=limits::STEPS };
    if !range.contains(&steps) {
        return Err(Error::at(x.here(), format!("{} to {} rows", range.start(), range.end()), steps));
    }
    if steps * spec.hidden > limits::CELLS {
        let wanted =
            format!("at most {} steps for {} hidden units", limits::CELLS / spec.hidden, spec.hidden);
        return Err(Error::at(x.here(), wanted, steps));
    }
    let x = x.matrix(steps, spec.inputs)?;
    let outputs = spec.output_steps(steps).len();
    let target = root.field("target")?;
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

fn weights(node: &Node, spec: &Spec) -> Result<Weights, Error> {
    let sweeps: Vec<_> = spec.sweeps().collect();
    let entries = node.field("layers")?;
    let layers = entries
        .list(sweeps.len(), "entries, one per layer and direction")?
        .iter()
        .zip(sweeps)
        .map(|(entry, (layer, direction))| layer_weights(entry, spec, layer, direction))
        .collect::<Result<_, Error>>()?;
    let head = node.field("head")?;
    let head = Head {
        w_hy: head.field("W_hy")?.matrix(spec.outputs, spec.width())?,
        b_y: head.field("b_y")?.vector(spec.outputs)?,
    };
    Ok(Weights { layers, head })
}

fn layer_weights(
    entry: &Node,
    spec: &Spec,
    layer: usize,
    direction: Direction,
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
        entry.optional(name)?.map_or_else(|| Ok(vec![0.0; spec.hidden]), |node| node.vector(spec.hidden))
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
        match spec.cell {
            Cell::Rnn => _ = fields.insert("activation".into(), spec.activation.word().into()),
            Cell::Gru => _ = fields.insert("reset".into(), spec.reset.word().into()),
            Cell::Lstm => {}
        }
        fields.insert("layer_norm".into(), spec.layer_norm.into());
        fields.insert("weights".into(), weights_value(&experiment.weights, spec.cell));
    }
    let target = match &experiment.target {
        Target::Values(values) => matrix(values),
        Target::Classes(classes) => classes.clone().into(),
    };
    json!({
        "format": FORMAT,
        "precision": experiment.precision.word(),
        "model": model,
        "loss": experiment.loss().word(),
        "x": matrix(&experiment.x),
        "target": target,
    })
}

/// Weights, or a gradient of the same type, by name.
#[must_use]
pub fn weights_value(weights: &Weights, cell: Cell) -> Value {
    let layers: Vec<Value> = weights
        .layers
        .iter()
        .map(|layer| {
            let mut fields = Map::new();
            fields.insert("layer".into(), layer.layer.into());
            fields.insert("direction".into(), layer.direction.word().into());
            fields
                .extend(layer.values.iter().map(|(name, value)| ((*name).into(), block_value(name, value))));
            fields.insert("h_0".into(), vector(&layer.h_0));
            if cell == Cell::Lstm {
                fields.insert("C_0".into(), vector(&layer.c_0));
            }
            Value::Object(fields)
        })
        .collect();
    json!({
        "layers": layers,
        "head": { "W_hy": matrix(&weights.head.w_hy), "b_y": vector(&weights.head.b_y) },
    })
}

fn block_value(name: &str, value: &Array2<f64>) -> Value {
    if name.starts_with('W') { matrix(value) } else { value.iter().map(|&v| number(v)).collect() }
}
