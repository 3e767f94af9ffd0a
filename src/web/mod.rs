//! The only place that knows the browser: one exported handle, one error conversion.

use plotters::drawing::IntoDrawingArea as _;
use plotters_canvas::CanvasBackend;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::Error;
use crate::session::{Losses, Site, Tab, flow};
use crate::view::{Mode, Viewport};

/// An engine error as a JavaScript `Error` with the same words.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn js(error: Error) -> JsError {
    JsError::new(&error.to_string())
}

/// Any serialisable message as plain JavaScript objects.
fn message(value: &impl Serialize) -> Result<JsValue, JsError> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(|error| JsError::new(&error.to_string()))
}

/// Runs an experiment file and returns its trace file.
///
/// # Errors
/// Names the place in the file, what was expected and what was found.
#[wasm_bindgen(js_name = traceExperiment)]
pub fn trace_experiment(experiment: &str) -> Result<String, JsError> {
    crate::trace_experiment(experiment).map_err(js)
}

/// The page's state: settings, cursor, and the runs of all lanes. What throws leaves it as it was.
#[wasm_bindgen]
pub struct Session(crate::session::Session);

/// Pixels in the memory of the engine; they stay there until the next call.
#[wasm_bindgen]
pub struct Picture {
    /// Where they begin.
    pub pointer: usize,
    /// Device pixels across.
    pub width: u32,
    /// Device pixels down.
    pub height: u32,
}

#[wasm_bindgen]
#[expect(clippy::needless_pass_by_value, reason = "JavaScript hands over what it passes")]
#[expect(clippy::unused_self, reason = "to the page, everything is a method of the session")]
impl Session {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Self, JsError> {
        crate::session::Session::new().map(Self).map_err(js)
    }

    pub fn open(&mut self, link: &str, stored: Option<String>) -> Result<(), JsError> {
        self.0.open(link, stored.as_deref()).map_err(js)
    }

    pub fn hash(&self) -> String {
        self.0.link()
    }

    pub fn stored(&self) -> Option<String> {
        self.0.stored()
    }

    pub fn settings(&self) -> Result<JsValue, JsError> {
        message(&self.0.controls())
    }

    pub fn set(&mut self, key: &str, value: &str, lane: Option<usize>) -> Result<(), JsError> {
        self.0.set(key, value, lane).map_err(js)
    }

    pub fn reset(&mut self, key: &str, lane: usize) -> Result<(), JsError> {
        self.0.reset(key, lane).map_err(js)
    }

    #[wasm_bindgen(js_name = addLane)]
    pub fn add_lane(&mut self, cell: &str) -> Result<(), JsError> {
        self.0.add_lane(cell).map_err(js)
    }

    #[wasm_bindgen(js_name = duplicateLane)]
    pub fn duplicate_lane(&mut self, lane: usize) -> Result<(), JsError> {
        self.0.duplicate_lane(lane).map_err(js)
    }

    #[wasm_bindgen(js_name = removeLane)]
    pub fn remove_lane(&mut self, lane: usize) -> Result<(), JsError> {
        self.0.remove_lane(lane).map_err(js)
    }

    #[wasm_bindgen(js_name = moveLane)]
    pub fn move_lane(&mut self, lane: usize, to: usize) -> Result<(), JsError> {
        self.0.move_lane(lane, to).map_err(js)
    }

    #[wasm_bindgen(js_name = toggleRow)]
    pub fn toggle_row(&mut self, lane: usize, symbol: &str) -> Result<(), JsError> {
        self.0.toggle_row(lane, symbol).map_err(js)
    }

    #[wasm_bindgen(js_name = openFile)]
    pub fn open_file(&mut self, text: &str) -> Result<(), JsError> {
        self.0.open_file(text).map_err(js)
    }

    #[wasm_bindgen(js_name = experimentFile)]
    pub fn experiment_file(&self, lane: usize) -> Result<String, JsError> {
        self.0.experiment_file(lane).map_err(js)
    }

    #[wasm_bindgen(js_name = traceFile)]
    pub fn trace_file(&self, lane: usize) -> Result<String, JsError> {
        self.0.trace_file(lane).map_err(js)
    }

    pub fn overview(&self) -> Result<JsValue, JsError> {
        message(&self.0.overview())
    }

    pub fn seek(&mut self, position: usize) {
        self.0.seek(position);
    }

    pub fn select(&mut self, lane: usize, symbol: &str, unit: usize, pinned: bool) -> Result<(), JsError> {
        self.0.select(lane, symbol, unit, pinned).map_err(js)
    }

    #[wasm_bindgen(js_name = setLosses)]
    pub fn set_losses(&mut self, which: &str) {
        self.0.set_losses(if which == "every" { Losses::Every } else { Losses::Last });
    }

    #[wasm_bindgen(js_name = setGradient)]
    pub fn set_gradient(&mut self, site: &str) {
        self.0.set_gradient(Site::parse(site).unwrap_or(Site::FIRST));
    }

    #[wasm_bindgen(js_name = runAgain)]
    pub fn run_again(&self, lane: usize) {
        self.0.run_again(lane);
    }

    pub fn facts(
        &self,
        lane: usize,
        passes: Option<f64>,
        milliseconds: Option<f64>,
    ) -> Result<JsValue, JsError> {
        message(&self.0.facts(lane, passes.zip(milliseconds)))
    }

    #[wasm_bindgen(js_name = setTab)]
    pub fn set_tab(&mut self, which: &str) {
        self.0.set_tab(if which == "flow" { Tab::Flow } else { Tab::Unrolled });
    }

    pub fn follow(&mut self, loss: usize) {
        self.0.follow(loss);
    }

    #[wasm_bindgen(js_name = flowAdvance)]
    pub fn flow_advance(&mut self) -> bool {
        self.0.flow_advance()
    }

    pub fn flow(&self) -> Result<JsValue, JsError> {
        message(&self.0.flow_facts())
    }

    pub fn layout(&mut self, viewport: JsValue) -> Result<JsValue, JsError> {
        let viewport = read_viewport(viewport)?;
        match self.0.tab() {
            Tab::Unrolled => message(&self.0.layout_with_words(viewport)),
            Tab::Flow => message(&self.0.flow_layout(viewport).map(flow::with_shared_bands)),
        }
    }

    pub fn paint(&mut self) -> Option<Picture> {
        let raster = match self.0.tab() {
            Tab::Unrolled => self.0.paint(),
            Tab::Flow => self.0.flow_paint(),
        }?;
        let (width, height) = (raster.width(), raster.height());
        Some(Picture { pointer: raster.pixels().as_ptr() as usize, width, height })
    }

    pub fn chart(&self, canvas: HtmlCanvasElement) -> Result<(), JsError> {
        let backend =
            CanvasBackend::with_canvas_object(canvas).ok_or_else(|| JsError::new("chart: no 2d canvas"))?;
        self.0.chart(&backend.into_drawing_area()).map_err(|error| JsError::new(&error.to_string()))
    }

    pub fn svg(&self, viewport: JsValue) -> Result<String, JsError> {
        let viewport = read_viewport(viewport)?;
        Ok(match self.0.tab() {
            Tab::Unrolled => self.0.svg(viewport),
            Tab::Flow => self.0.flow_svg(viewport),
        })
    }

    pub fn labels(&self) -> Result<JsValue, JsError> {
        message(&match self.0.tab() {
            Tab::Unrolled => self.0.labels(),
            Tab::Flow => self.0.flow_labels(),
        })
    }

    pub fn marks(&self) -> Result<JsValue, JsError> {
        message(&match self.0.tab() {
            Tab::Unrolled => self.0.marks(),
            Tab::Flow => Vec::new(),
        })
    }

    pub fn ramps(&self, dark: bool) -> Result<JsValue, JsError> {
        message(&crate::view::ramps(dark))
    }

    pub fn pick(&self, x: f64, y: f64) -> Result<JsValue, JsError> {
        message(&match self.0.tab() {
            Tab::Unrolled => self.0.pick(x, y),
            Tab::Flow => self.0.flow_pick(x, y),
        })
    }

    pub fn inspect(&self) -> Result<JsValue, JsError> {
        message(&self.0.inspect())
    }

    #[wasm_bindgen(js_name = inspectAt)]
    pub fn inspect_at(&self, lane: usize, symbol: &str, unit: usize, t: usize) -> Result<JsValue, JsError> {
        message(&self.0.inspect_at(lane, symbol, unit, t))
    }

    pub fn caption(&self) -> Result<JsValue, JsError> {
        message(&self.0.caption())
    }

    pub fn describe(&self) -> String {
        self.0.describe()
    }

    pub fn table(&self) -> Result<JsValue, JsError> {
        message(&self.0.table())
    }
}

/// A viewport as the page writes it.
#[derive(Deserialize)]
struct Place {
    width: u32,
    height: u32,
    scale: f64,
    mode: String,
    dark: bool,
}

fn read_viewport(viewport: JsValue) -> Result<Viewport, JsError> {
    let Place { width, height, scale, mode, dark } =
        serde_wasm_bindgen::from_value(viewport).map_err(|error| JsError::new(&error.to_string()))?;
    let mode = match mode.as_str() {
        "phone" => Mode::Phone,
        "present" => Mode::Present,
        _ => Mode::Wide,
    };
    Ok(Viewport { width, height, scale, mode, dark })
}
