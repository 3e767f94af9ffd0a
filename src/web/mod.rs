//! The only place that knows the browser: one exported handle, one error conversion.

use plotters::drawing::IntoDrawingArea as _;
use plotters_canvas::CanvasBackend;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::Error;
use crate::experiment::Choice as _;
use crate::session::practice::Progress;
use crate::session::{Losses, Picture as Shown, Site, Tab, boxes, flow, spectrum, update};
use crate::view::{Mode, Raster, Viewport};

/// An engine error as a JavaScript `Error` with the same words.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn js(error: Error) -> JsError {
    JsError::new(&error.to_string())
}

/// Any serialisable message as plain JavaScript objects.
fn message(value: &impl Serialize) -> Result<JsValue, JsError> {
    // One text for the browser to read is faster than an object made part by part.
    let text = serde_json::to_string(value).map_err(|error| JsError::new(&error.to_string()))?;
    js_sys::JSON::parse(&text).map_err(|_| JsError::new("message: no JSON"))
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

    pub fn cure(&mut self, lane: usize, cure: usize) -> Result<(), JsError> {
        self.0.cure(lane, cure).map_err(js)
    }

    pub fn retry(&mut self, lane: usize) -> Result<(), JsError> {
        self.0.retry(lane).map_err(js)
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
        self.0.set_tab(Tab::parse(which, "tab").unwrap_or(Tab::Unrolled));
    }

    pub fn settle(&mut self, merge: bool) -> bool {
        self.0.settle(merge)
    }

    pub fn undo(&mut self) -> Result<Option<String>, JsError> {
        self.0.undo().map_err(js)
    }

    pub fn redo(&mut self) -> Result<Option<String>, JsError> {
        self.0.redo().map_err(js)
    }

    #[wasm_bindgen(js_name = stepsBack)]
    pub fn steps_back(&self) -> Result<JsValue, JsError> {
        message(&self.0.steps_back())
    }

    pub fn look(&mut self, entry: &str, gradient: bool) -> Result<(), JsError> {
        self.0.look(entry, gradient).map_err(js)
    }

    #[wasm_bindgen(js_name = lookAway)]
    pub fn look_away(&mut self) {
        self.0.look_away();
    }

    #[wasm_bindgen(js_name = lookAlong)]
    pub fn look_along(&mut self, rows: i32, columns: i32) {
        self.0.look_along(rows as isize, columns as isize);
    }

    #[wasm_bindgen(js_name = lookAt)]
    pub fn look_at(&mut self, x: f64, y: f64, width: u32) -> bool {
        self.0.look_at(x, y, width)
    }

    #[wasm_bindgen(js_name = entryAt)]
    pub fn entry_at(&self, x: f64, y: f64, width: u32) -> Result<JsValue, JsError> {
        message(&self.0.entry_at(x, y, width))
    }

    #[wasm_bindgen(js_name = matrixTable)]
    pub fn matrix_table(&self, from: usize) -> Result<JsValue, JsError> {
        message(&self.0.matrix_table(from))
    }

    #[wasm_bindgen(js_name = litEntry)]
    pub fn lit_entry(&self, wire: &str, width: u32) -> Result<JsValue, JsError> {
        message(&self.0.lit_entry(wire, width))
    }

    #[wasm_bindgen(js_name = setEntry)]
    pub fn set_entry(&mut self, value: &str) -> Result<(), JsError> {
        self.0.set_entry(value).map_err(js)
    }

    #[wasm_bindgen(js_name = nudgeEntry)]
    pub fn nudge_entry(&mut self, from: f64, steps: i32) -> Result<(), JsError> {
        self.0.nudge_entry(from, steps).map_err(js)
    }

    #[wasm_bindgen(js_name = resetEntry)]
    pub fn reset_entry(&mut self) -> Result<(), JsError> {
        self.0.reset_entry().map_err(js)
    }

    #[wasm_bindgen(js_name = resetEntries)]
    pub fn reset_entries(&mut self) -> Result<(), JsError> {
        self.0.reset_entries().map_err(js)
    }

    pub fn matrices(&self, width: u32) -> Result<JsValue, JsError> {
        message(&self.0.matrices(width))
    }

    #[wasm_bindgen(js_name = paintMatrices)]
    pub fn paint_matrices(&mut self, width: u32, scale: f64, dark: bool) -> Option<Picture> {
        self.0.paint_matrices(width, scale, dark).map(picture)
    }

    #[wasm_bindgen(js_name = checkBegin)]
    pub fn check_begin(&mut self) {
        self.0.check_begin();
    }

    #[wasm_bindgen(js_name = checkAdvance)]
    pub fn check_advance(&mut self) -> bool {
        self.0.check_advance()
    }

    #[wasm_bindgen(js_name = checkStop)]
    pub fn check_stop(&mut self) {
        self.0.check_stop();
    }

    pub fn check(&self) -> Result<JsValue, JsError> {
        message(&self.0.check_facts())
    }

    pub fn provide(&mut self, file: &str, text: &str) -> Result<(), JsError> {
        self.0.provide(file, text).map_err(js)
    }

    pub fn wanted(&mut self) -> Option<String> {
        self.0.wanted().map(String::from)
    }

    #[wasm_bindgen(js_name = learnAdvance)]
    pub fn learn_advance(&mut self) -> String {
        match self.0.learn_advance() {
            Progress::Done => "done",
            Progress::UnderWay => "under way",
            Progress::Epoch => "epoch",
        }
        .into()
    }

    #[wasm_bindgen(js_name = learnShow)]
    pub fn learn_show(&mut self) -> Result<(), JsError> {
        self.0.learn_show().map_err(js)
    }

    #[wasm_bindgen(js_name = learnStop)]
    pub fn learn_stop(&mut self) -> Result<(), JsError> {
        self.0.learn_stop().map_err(js)
    }

    pub fn worksheet(&self) -> Result<JsValue, JsError> {
        message(&self.0.worksheet().map_err(js)?)
    }

    #[wasm_bindgen(js_name = setBoxes)]
    pub fn set_boxes(&mut self, chosen: bool) {
        self.0.set_boxes(chosen);
    }

    pub fn boxes(&self) -> Result<JsValue, JsError> {
        message(&self.0.boxes())
    }

    #[wasm_bindgen(js_name = boxesItem)]
    pub fn boxes_item(&self, lane: usize, item: usize) -> Result<JsValue, JsError> {
        message(&self.0.boxes_item(lane, item))
    }

    pub fn follow(&mut self, loss: usize) {
        self.0.follow(loss);
    }

    #[wasm_bindgen(js_name = flowAdvance)]
    pub fn flow_advance(&mut self) -> bool {
        self.0.flow_advance()
    }

    #[wasm_bindgen(js_name = givenAdvance)]
    pub fn given_advance(&mut self) -> bool {
        self.0.given_advance()
    }

    pub fn flow(&self) -> Result<JsValue, JsError> {
        message(&self.0.flow_facts())
    }

    #[wasm_bindgen(js_name = spectrumAdvance)]
    pub fn spectrum_advance(&mut self) -> usize {
        self.0.spectrum_advance()
    }

    pub fn spectrum(&self) -> Result<JsValue, JsError> {
        message(&self.0.spectrum_facts())
    }

    #[wasm_bindgen(js_name = spectrumValues)]
    pub fn spectrum_values(&self) -> Result<JsValue, JsError> {
        message(&self.0.spectrum_values())
    }

    #[wasm_bindgen(js_name = spectrumGrab)]
    pub fn spectrum_grab(&self, x: f64, y: f64) -> Result<JsValue, JsError> {
        message(&self.0.spectrum_grab(x, y))
    }

    #[wasm_bindgen(js_name = spectrumPull)]
    pub fn spectrum_pull(&self, lane: usize, rho: f64, x0: f64, y0: f64, x: f64, y: f64) -> Option<String> {
        self.0.spectrum_pull(lane, rho, [x0, y0], [x, y])
    }

    #[wasm_bindgen(js_name = updateAdvance)]
    pub fn update_advance(&mut self) -> bool {
        self.0.update_advance()
    }

    pub fn update(&self) -> Result<JsValue, JsError> {
        message(&self.0.update_facts())
    }

    pub fn layout(&mut self, viewport: JsValue) -> Result<JsValue, JsError> {
        let viewport = read_viewport(viewport)?;
        match self.0.picture() {
            Shown::Heat => message(&self.0.layout_with_words(viewport)),
            Shown::Boxes => message(&boxes::with_frame(self.0.boxes_layout(viewport))),
            Shown::Flow => message(&self.0.flow_layout(viewport).map(flow::with_shared_bands)),
            Shown::Spectrum => message(&self.0.spectrum_layout(viewport).map(spectrum::with_shared_bands)),
            Shown::Update => message(&self.0.update_layout(viewport).map(update::with_shared_bands)),
        }
    }

    pub fn paint(&mut self) -> Option<Picture> {
        let raster = match self.0.picture() {
            Shown::Heat => self.0.paint(),
            Shown::Boxes => self.0.boxes_paint(),
            Shown::Flow => self.0.flow_paint(),
            // Its drawing is all chart.
            Shown::Spectrum => None,
            Shown::Update => self.0.update_paint(),
        }?;
        Some(picture(raster))
    }

    pub fn chart(&self, canvas: HtmlCanvasElement) -> Result<(), JsError> {
        let backend =
            CanvasBackend::with_canvas_object(canvas).ok_or_else(|| JsError::new("chart: no 2d canvas"))?;
        let area = backend.into_drawing_area();
        let drawn = match self.0.tab() {
            Tab::Spectrum => self.0.spectrum_draw(&area),
            _ => self.0.chart(&area),
        };
        drawn.map_err(|error| JsError::new(&error.to_string()))
    }

    pub fn svg(&self, viewport: JsValue) -> Result<String, JsError> {
        let viewport = read_viewport(viewport)?;
        Ok(match self.0.picture() {
            Shown::Heat => self.0.svg(viewport),
            Shown::Boxes => self.0.boxes_svg(viewport),
            Shown::Flow => self.0.flow_svg(viewport),
            Shown::Spectrum => self.0.spectrum_svg(viewport),
            Shown::Update => self.0.update_svg(viewport),
        })
    }

    pub fn labels(&self) -> Result<JsValue, JsError> {
        message(&match self.0.picture() {
            Shown::Heat => self.0.labels(),
            Shown::Boxes => self.0.boxes_labels(),
            Shown::Flow => self.0.flow_labels(),
            Shown::Spectrum => self.0.spectrum_labels(),
            Shown::Update => self.0.update_labels(),
        })
    }

    pub fn marks(&self) -> Result<JsValue, JsError> {
        message(&match self.0.picture() {
            Shown::Heat => self.0.marks(),
            Shown::Boxes => self.0.boxes_marks(),
            Shown::Flow | Shown::Spectrum | Shown::Update => Vec::new(),
        })
    }

    #[wasm_bindgen(js_name = noAnn)]
    pub fn no_ann(&self) -> String {
        self.0.no_ann().into()
    }

    #[wasm_bindgen(js_name = closeLesson)]
    pub fn close_lesson(&mut self) {
        self.0.close_lesson();
    }

    pub fn lessons(&self) -> Result<JsValue, JsError> {
        message(&crate::session::lessons::lessons())
    }

    pub fn ramps(&self, dark: bool) -> Result<JsValue, JsError> {
        message(&crate::view::ramps(dark))
    }

    pub fn pick(&self, x: f64, y: f64) -> Result<JsValue, JsError> {
        message(&match self.0.picture() {
            Shown::Heat => self.0.pick(x, y),
            Shown::Boxes => self.0.boxes_pick(x, y),
            Shown::Flow => self.0.flow_pick(x, y),
            Shown::Spectrum => self.0.spectrum_pick(x, y),
            Shown::Update => self.0.update_pick(x, y),
        })
    }

    pub fn inspect(&self) -> Result<JsValue, JsError> {
        message(&self.0.inspect())
    }

    #[wasm_bindgen(js_name = inspectAt)]
    pub fn inspect_at(&self, lane: usize, symbol: &str, unit: usize, t: usize) -> Result<JsValue, JsError> {
        message(&self.0.inspect_at(lane, symbol, unit, t))
    }

    pub fn drawing(&self, lane: usize, mirrored: bool) -> Result<JsValue, JsError> {
        message(&self.0.drawing(lane, mirrored))
    }

    pub fn operate(&mut self, on: bool) {
        self.0.operate(on);
    }

    pub fn unfold(&mut self, name: &str) -> Result<(), JsError> {
        self.0.unfold(name).map_err(js)
    }

    pub fn walk(&mut self, to: &str) -> Result<(), JsError> {
        self.0.walk(to).map_err(js)
    }

    pub fn latex(&self, name: &str) -> Option<String> {
        self.0.latex(name)
    }

    pub fn spot(&self, lane: usize, symbol: &str, unit: usize, t: usize) -> Result<JsValue, JsError> {
        message(&self.0.spot(lane, symbol, unit, t))
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

fn picture(raster: &Raster) -> Picture {
    let (width, height) = (raster.width(), raster.height());
    Picture { pointer: raster.pixels().as_ptr() as usize, width, height }
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
