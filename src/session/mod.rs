//! What the page shows, as one value: settings, cursor, and the runs of all lanes.
//!
//! Every change is tried on a copy first: an [`Error`] leaves the session exactly as it was.

pub mod boxes;
mod cell;
pub mod check;
mod cures;
mod edit;
mod facts;
mod figure;
mod files;
pub mod flow;
mod given;
mod inspect;
mod lane;
pub mod lessons;
mod link;
pub mod matrix;
pub mod messages;
mod pick;
pub mod practice;
mod shared;
mod site;
pub mod spectrum;
mod undo;
pub mod update;
mod walk;
mod words;
mod worksheet;

use crate::Error;
use crate::analysis::circuit::operations;
use crate::experiment::corpus::Library;
use crate::experiment::edits::Entry;
use crate::experiment::init::Draw;
use crate::experiment::settings::{Key, Lane, Settings};
use crate::experiment::task::Task;
use crate::experiment::{Cell, Choice, Direction, Steps};
use crate::view::boxes::BoxesLayout;
use crate::view::flow::FlowLayout;
use crate::view::spectrum::SpectrumLayout;
use crate::view::update::UpdateLayout;
use crate::view::{Layout, Raster, Viewport};

pub use boxes::Picture;
pub use inspect::Inspection;
pub use lane::LaneRun;
pub use messages::{Caption, Control, Overview, Table};
pub use pick::Picked;
pub use site::{Shown, Site};
pub use walk::Unfolded;

/// Where the viewer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// On the track that goes forward and comes back: 1 to T is forward at t = position, T + 1 to 2T is backward
    /// at t = 2T + 1 − position.
    pub position: usize,
    /// Selected lane.
    pub lane: usize,
    /// Selected symbol: `h`, `C`, `f`, …
    pub symbol: String,
    /// Layer and direction of the selected unit; `None` is the top layer, from left to right.
    pub site: Option<Site>,
    /// Selected unit, from 0.
    pub unit: usize,
    /// Whether a click keeps the selection.
    pub pinned: bool,
    /// Which losses the gradient curves count.
    pub losses: Losses,
    /// The layer and direction whose gradient strips, gauges, curves and the flow figure show.
    pub gradient: Site,
    /// Which figure is shown.
    pub tab: Tab,
    /// Whether short sequences are shown as boxes and arrows.
    pub boxes: bool,
    /// The step of the loss that the flow figure follows, from 1; `None` is the last.
    pub loss: Option<usize>,
    /// The entry that the matrices of the inspector stand at, while they are open.
    pub matrix: Option<Looked>,
    /// The operation of the step that was done last, from 1; `None` is all of them.
    pub operation: Option<usize>,
    /// The equation whose terms are unfolded.
    pub unfolded: Option<Unfolded>,
    /// Which lesson was opened. It stays while the data are those that it speaks of.
    pub lesson: Option<&'static str>,
}

/// An entry of a matrix, and what is seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Which number of the selected lane; layer and direction are the cursor's, and of the inputs the step.
    pub entry: Entry,
    /// Its gradient instead of its value.
    pub gradient: bool,
}

crate::experiment::choice! {
    /// The figures of the page.
    Tab {
        /// Lanes unrolled in time: states, gates, one gradient.
        Unrolled = "unrolled",
        /// Every loss at every earlier step.
        Flow = "flow",
        /// How one step and the product of many scale a signal.
        Spectrum = "spectrum",
        /// One step of gradient descent, after the backward pass.
        Update = "update",
    }
}

/// Which losses the gradient curves count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// The last output's alone: how far does one signal travel?
    Last,
    /// All of them: what does BPTT add up at each step?
    Every,
}

/// The page's state and everything computed from it.
pub struct Session {
    settings: Settings,
    cursor: Cursor,
    task: Task,
    lanes: Vec<LaneRun>,
    draw: Draw,
    place: Option<(Viewport, Layout)>,
    boxes_place: Option<(Viewport, BoxesLayout)>,
    flow_place: Option<(Viewport, FlowLayout)>,
    spectrum_place: Option<(Viewport, SpectrumLayout)>,
    update_place: Option<(Viewport, UpdateLayout)>,
    raster: Raster,
    sheet: Raster,
    library: Library,
    /// The file that the last change lacked.
    wanted: Option<&'static str>,
    school: practice::School,
    history: undo::History,
}

impl Session {
    /// The opening experiment, finished: all three gradients have come back to t = 1.
    ///
    /// # Errors
    /// Never for the defaults of the table.
    pub fn new() -> Result<Self, Error> {
        let settings = Settings::default();
        let library = Library::default();
        let task = settings.task(&library)?;
        let position = 2 * task.steps().count;
        let cursor = Cursor {
            position,
            lane: 1,
            symbol: "h".into(),
            site: None,
            unit: 0,
            pinned: false,
            losses: Losses::Last,
            gradient: Site::FIRST,
            tab: Tab::Unrolled,
            boxes: false,
            loss: None,
            matrix: None,
            operation: None,
            unfolded: None,
            lesson: None,
        };
        let mut session = Self {
            lanes: Vec::new(),
            draw: Draw::default(),
            place: None,
            boxes_place: None,
            flow_place: None,
            spectrum_place: None,
            update_place: None,
            raster: Raster::new(),
            sheet: Raster::new(),
            library,
            wanted: None,
            school: practice::School::default(),
            history: undo::History::default(),
            settings,
            cursor,
            task,
        };
        session.apply(session.settings.clone())?;
        session.settle(false);
        Ok(session)
    }

    /// The task that `settings` say; what it lacks is noted.
    fn task_of(&mut self, settings: &Settings) -> Result<Task, Error> {
        self.wanted = settings.missing(&self.library);
        settings.task(&self.library)
    }

    /// Runs what `settings` say and makes them the session's, or leaves everything as it was.
    fn apply(&mut self, settings: Settings) -> Result<(), Error> {
        let task = self.task_of(&settings)?;
        settings.check(&task)?;
        let (draw, school) = (&mut self.draw, &mut self.school);
        let plans = (0..settings.lanes.len()).map(|lane| {
            let mut learning = None;
            let plan = settings.plan(lane, &task, draw, |model| {
                let corpus = task.practice.as_ref();
                learning = corpus.map(|corpus| school.learn(model, corpus, settings.epochs(lane)));
            });
            (plan, learning)
        });
        let count = settings.lanes.len();
        let asked: Vec<bool> =
            self.lanes.iter().map(|run| !matches!(run.check, check::Checking::Unasked)).collect();
        let mut before: Vec<Option<LaneRun>> =
            std::mem::take(&mut self.lanes).into_iter().map(Some).collect();
        self.lanes = plans
            .enumerate()
            .map(|(lane, (plan, learning))| {
                // A lane that runs the same as before is the same as before.
                let same =
                    |run: &Option<LaneRun>| run.as_ref().is_some_and(|run| run.experiment == plan.experiment);
                let mut run = match before.iter().position(same).and_then(|index| before[index].take()) {
                    Some(known) => known.planned(plan.origin, plan.replaced, plan.waiting),
                    None => LaneRun::new(plan, asked.len() == count && asked.get(lane) == Some(&true)),
                };
                run.learning = learning;
                run
            })
            .collect();
        for (run, old) in self.lanes.iter_mut().zip(before) {
            if let Some(old) = old {
                run.follow(old);
            }
        }
        self.school.forget();
        lane::name(&mut self.lanes);
        let (old, new) = (self.steps(), task.steps().count);
        if old != new {
            self.cursor.position = moved(self.cursor.position, old, new);
        }
        (self.settings, self.task) = (settings, task);
        self.place = None;
        self.boxes_place = None;
        self.flow_place = None;
        self.spectrum_place = None;
        self.update_place = None;
        self.clamp();
        Ok(())
    }

    /// Keeps the cursor on something that exists.
    fn clamp(&mut self) {
        let (steps, cursor) = (self.task.steps().count, &mut self.cursor);
        cursor.position = cursor.position.clamp(1, 2 * steps);
        cursor.lane = cursor.lane.min(self.lanes.len().saturating_sub(1));
        let run = &self.lanes[cursor.lane];
        cursor.unit = cursor.unit.min(run.experiment.spec.hidden - 1);
        cursor.site = cursor.site.map(|site| run.nearest(site)).filter(|site| *site != run.top());
        let deepest = self.lanes.iter().map(|run| run.nearest(cursor.gradient));
        if let Some(site) = deepest.max_by_key(|site| (site.layer, site.direction == Direction::Backward)) {
            cursor.gradient = site;
        }
        if !run.symbols().contains(&cursor.symbol.as_str()) {
            cursor.symbol = "h".into();
        }
        if self.task.targets.len() < 2 {
            cursor.losses = Losses::Last;
        }
        let losses = steps + 1 - self.task.targets.len().max(1)..steps;
        cursor.loss = cursor.loss.filter(|loss| losses.contains(loss));
        let backward = cursor.position > steps;
        cursor.operation =
            cursor.operation.map(|done| done.clamp(1, operations(&run.experiment.spec, backward)));
        self.clamp_matrix();
    }

    fn change(&mut self, edit: impl FnOnce(&mut Settings) -> Result<(), Error>) -> Result<(), Error> {
        let mut settings = self.settings.clone();
        edit(&mut settings)?;
        self.apply(settings)?;
        self.cursor.lesson = self.cursor.lesson.filter(|word| lessons::concerns(word, &self.settings));
        Ok(())
    }

    /// Takes the opened lesson away; its experiment stays.
    pub fn close_lesson(&mut self) {
        self.cursor.lesson = None;
    }

    /// Sets a setting for one lane, or for those that follow the shared value; where none does, for all.
    ///
    /// # Errors
    /// Names the setting, its range and what was found.
    pub fn set(&mut self, key: &str, value: &str, lane: Option<usize>) -> Result<(), Error> {
        let key = Key::parse(key)?;
        let setting = key.setting();
        let value = setting.parse(value).map_err(|error| Error { place: setting.name(), ..error })?;
        let led = self.led(key);
        self.change(|settings| {
            match lane {
                None => {
                    settings.set(key, value);
                    for lane in led {
                        settings.lanes[lane].own.remove(&key);
                    }
                }
                Some(lane) => {
                    setting.may_be_own(&value.text())?;
                    lane_of(settings, lane)?.own.insert(key, value);
                }
            }
            Ok(())
        })
    }

    /// The lane follows the shared value again.
    ///
    /// # Errors
    /// When there is no such setting or lane.
    pub fn reset(&mut self, key: &str, lane: usize) -> Result<(), Error> {
        let key = Key::parse(key)?;
        self.change(|settings| {
            lane_of(settings, lane)?.own.remove(&key);
            Ok(())
        })
    }

    /// Adds a lane with this cell at the end, and selects it.
    ///
    /// # Errors
    /// When there are six, or no such cell.
    pub fn add_lane(&mut self, cell: &str) -> Result<(), Error> {
        use crate::experiment::Choice as _;
        let cell = Cell::parse(cell, "lanes")?;
        self.insert_lane(self.lanes.len(), Lane::new(cell))
    }

    /// Adds a copy of a lane below it, and selects it.
    ///
    /// # Errors
    /// When there are six, or no such lane.
    pub fn duplicate_lane(&mut self, lane: usize) -> Result<(), Error> {
        let copy = lane_of(&mut self.settings.clone(), lane)?.clone();
        self.insert_lane(lane + 1, copy)
    }

    fn insert_lane(&mut self, at: usize, lane: Lane) -> Result<(), Error> {
        self.change(|settings| {
            if settings.lanes.len() >= Settings::MOST_LANES {
                return Err(Error::at(
                    "lanes",
                    format!("at most {}", Settings::MOST_LANES),
                    settings.lanes.len() + 1,
                ));
            }
            settings.lanes.insert(at, lane);
            Ok(())
        })?;
        self.cursor.lane = at;
        self.clamp();
        Ok(())
    }

    /// Removes a lane; the last one stays.
    ///
    /// # Errors
    /// When it is the only one, or there is no such lane.
    pub fn remove_lane(&mut self, lane: usize) -> Result<(), Error> {
        self.change(|settings| {
            lane_of(settings, lane)?;
            if settings.lanes.len() == 1 {
                return Err(Error::at("lanes", "at least 1", 0));
            }
            settings.lanes.remove(lane);
            Ok(())
        })
    }

    /// Moves a lane to another place; the selection goes with it.
    ///
    /// # Errors
    /// When there is no such lane or place.
    pub fn move_lane(&mut self, lane: usize, to: usize) -> Result<(), Error> {
        self.change(|settings| {
            lane_of(settings, to)?;
            lane_of(settings, lane)?;
            let moved = settings.lanes.remove(lane);
            settings.lanes.insert(to, moved);
            Ok(())
        })?;
        self.cursor.lane = to;
        self.clamp();
        Ok(())
    }

    /// Folds or unfolds the heat map called `row`, such as `C` or in a stack `C.2`, in a backward direction `C.2b`.
    ///
    /// # Errors
    /// When there is no such lane or heat map.
    pub fn toggle_row(&mut self, lane: usize, row: &str) -> Result<(), Error> {
        let (run, name) = (lane_at(&self.lanes, lane)?, row);
        if name == "boxes" {
            let place = self.boxes_place.as_ref().and_then(|(_, layout)| layout.lanes.get(lane));
            let visible = place.is_none_or(|place| place.strip.is_none());
            lane_of(&mut self.settings, lane)?.shown.insert(name.into(), !visible);
            return Ok(());
        }
        let row = run.row(name, run.top()).ok_or_else(|| {
            Error::at("row", format!("one of {}", run.symbols().join(", ")), format!("\"{name}\""))
        })?;
        let (name, rests) = (run.row_name(row), run.rests(row));
        let shown = |(_, layout): &(Viewport, Layout)| {
            Some(layout.lanes.get(lane)?.rows.iter().any(|row| row.name == name))
        };
        let visible = self.place.as_ref().and_then(shown).unwrap_or(!rests);
        // What unfolds brings the same of the other direction with it.
        let both = if visible { vec![name] } else { run.directions_of(row) };
        let known = &mut lane_of(&mut self.settings, lane)?.shown;
        known.extend(both.into_iter().map(|name| (name, !visible)));
        self.place = None;
        Ok(())
    }

    /// Moves along the track, to a step as a whole.
    pub fn seek(&mut self, position: usize) {
        self.cursor.position = position;
        self.cursor.operation = None;
        self.clamp();
    }

    /// Selects what the inspector shows: a unit of the heat map called `row`. A name without layer stays in the layer
    /// that was selected.
    ///
    /// # Errors
    /// When there is no such lane.
    pub fn select(&mut self, lane: usize, row: &str, unit: usize, pinned: bool) -> Result<(), Error> {
        let run = lane_at(&self.lanes, lane)?;
        let Shown { site, symbol } =
            run.row(row, self.site(run)).unwrap_or(Shown { site: run.top(), symbol: "h" });
        (self.cursor.lane, self.cursor.unit, self.cursor.pinned) = (lane, unit, pinned);
        (self.cursor.site, self.cursor.symbol) = (Some(site), symbol.into());
        self.clamp();
        Ok(())
    }

    /// Chooses which losses the gradient curves count.
    pub fn set_losses(&mut self, losses: Losses) {
        self.cursor.losses = losses;
        self.clamp();
    }

    fn go(&mut self, settings: Settings, cursor: link::Stand) -> Result<(), Error> {
        self.apply(settings)?;
        self.stand(cursor);
        Ok(())
    }

    fn stand(&mut self, cursor: link::Stand) {
        self.cursor = cursor.on(self.steps());
        self.clamp();
    }

    /// Goes where a link says; the empty link is the opening experiment.
    ///
    /// `stored` is the opened file of a link that was too short to carry it.
    ///
    /// # Errors
    /// Names the key, what belongs there and what was found.
    pub fn open(&mut self, link: &str, stored: Option<&str>) -> Result<(), Error> {
        let (settings, cursor) = link::read(link, stored)?;
        let (before, stood) = (self.settings.clone(), self.cursor.clone());
        self.apply(settings)?;
        if let Err(error) = self.holds(&cursor) {
            self.apply(before)?;
            self.cursor = stood;
            return Err(error);
        }
        self.stand(cursor);
        Ok(())
    }

    /// Whether a link leads to something that there is.
    fn holds(&self, stand: &link::Stand) -> Result<(), Error> {
        let steps = self.steps();
        if let Some(t) = stand.t().filter(|t| *t > steps) {
            return Err(Error::at("at", format!("a step from 1 to {steps}"), t));
        }
        let Some((key, lane, symbol, unit)) = stand.chosen() else { return Ok(()) };
        let run = self
            .lanes
            .get(lane)
            .ok_or_else(|| Error::at(key, format!("a lane from 1 to {}", self.lanes.len()), lane + 1))?;
        let (symbols, hidden) = (run.symbols(), run.experiment.spec.hidden);
        if !symbols.contains(&symbol) {
            return Err(Error::at(key, format!("one of {}", symbols.join(", ")), format!("\"{symbol}\"")));
        }
        if unit >= hidden {
            return Err(Error::at(key, format!("a unit from 1 to {hidden}"), unit + 1));
        }
        Ok(())
    }

    /// The link to what is on screen.
    #[must_use]
    pub fn link(&self) -> String {
        link::write(&self.settings, &self.cursor, self.steps())
    }

    /// The opened file, when links are too short to carry it.
    #[must_use]
    pub fn stored(&self) -> Option<String> {
        link::stored(&self.settings)
    }

    /// How many steps there are: T, or those of encoder and decoder together.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.axis().count
    }

    /// The steps on their axis, which all lanes share.
    #[must_use]
    pub fn axis(&self) -> Steps {
        self.task.steps()
    }

    /// The step of the cursor, from 1, and whether the pass comes back there.
    #[must_use]
    pub fn t(&self) -> (usize, bool) {
        let (steps, position) = (self.steps(), self.cursor.position);
        if position <= steps { (position, false) } else { (2 * steps + 1 - position, true) }
    }
}

/// The same phase and step where there are now `new` steps; the end stays the end.
fn moved(position: usize, old: usize, new: usize) -> usize {
    if position <= old {
        position.min(new)
    } else {
        let t = (2 * old + 1 - position).min(new);
        2 * new + 1 - t
    }
}

fn lane_of(settings: &mut Settings, lane: usize) -> Result<&mut Lane, Error> {
    let count = settings.lanes.len();
    settings.lanes.get_mut(lane).ok_or_else(|| no_lane(lane, count))
}

fn lane_at(lanes: &[LaneRun], lane: usize) -> Result<&LaneRun, Error> {
    lanes.get(lane).ok_or_else(|| no_lane(lane, lanes.len()))
}

fn no_lane(lane: usize, count: usize) -> Error {
    Error::at("lane", format!("1 to {count}"), lane + 1)
}
