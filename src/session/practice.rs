//! Lanes that learn: a part of an epoch at a time, remembered, so that what was learnt once is there at once.

use std::sync::Arc;

use serde::Serialize;

use super::{LaneRun, Session};
use crate::Error;
use crate::analysis::number::{count, short};
use crate::analysis::training::{Report, Training};
use crate::experiment::Experiment;
use crate::experiment::corpus::{Corpus, SIDE};
use crate::experiment::settings::{Key, Value};

/// Courses that are remembered beside those of the present lanes.
const REMEMBERED: usize = 16;

/// What was learnt so far, last used last.
#[derive(Default)]
pub(super) struct School {
    courses: Vec<(u64, Training)>,
    next: u64,
}

/// How far a lane has learnt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learning {
    course: u64,
    /// Epochs that are asked for.
    pub wanted: usize,
    /// Epochs that its weights have had.
    pub shown: usize,
    /// How these weights fare on what was held out.
    pub report: Option<Report>,
}

impl Learning {
    /// Whether there is more to learn.
    #[must_use]
    pub fn under_way(&self) -> bool {
        self.shown < self.wanted
    }

    /// `97.1 % right after 20 epochs`; nothing before the first.
    pub(super) fn words(&self) -> Option<String> {
        let epochs = if self.shown == 1 { "1 epoch".into() } else { format!("{} epochs", self.shown) };
        let right = self.report.map_or_else(String::new, |report| format!("{} right ", share(report)));
        (self.shown > 0).then(|| format!("{right}after {epochs}"))
    }
}

/// What answers whether there is something to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All lanes have learnt what they should.
    Done,
    /// An epoch is under way.
    UnderWay,
    /// An epoch has ended: its weights can be shown.
    Epoch,
}

impl School {
    /// Gives a model the weights that it has after so many epochs, or after as many as are learnt.
    pub fn learn(&mut self, model: &mut Experiment, corpus: &Arc<Corpus>, wanted: usize) -> Learning {
        let known = self.courses.iter().position(|(_, course)| course.is_of(model, corpus));
        let (id, mut course) = if let Some(known) = known {
            self.courses.remove(known)
        } else {
            self.next += 1;
            (self.next, Training::new(model.clone(), corpus.clone()))
        };
        let mut shown = wanted.min(course.done());
        if course.weights(shown).is_none() {
            course = Training::new(model.clone(), corpus.clone());
            shown = 0;
        }
        if let Some(weights) = course.weights(shown) {
            model.weights = weights;
        }
        let report = course.report(shown);
        self.courses.push((id, course));
        Learning { course: id, wanted, shown, report }
    }

    /// Forgets what was not used for long.
    pub fn forget(&mut self) {
        let most = self.courses.len().saturating_sub(REMEMBERED);
        self.courses.drain(..most);
    }

    fn course(&mut self, id: u64) -> Option<&mut Training> {
        self.courses.iter_mut().find(|(known, _)| *known == id).map(|(_, course)| course)
    }
}

/// The example on screen, and how each lane fares.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PracticeFacts {
    /// From 1.
    example: usize,
    examples: usize,
    /// `held out`, or what else it is.
    kind: &'static str,
    /// Rows of shares of black; empty where inputs are no pixels.
    pixels: Vec<Vec<f64>>,
    under_way: bool,
    /// 0 to 1, over all lanes.
    progress: f64,
    /// `Epoch 3 of 20`.
    progress_words: String,
    lanes: Vec<LaneFacts>,
}

#[derive(Clone, Debug, Serialize)]
struct LaneFacts {
    /// `97.1 %`.
    shown: String,
    /// In whole sentences.
    words: String,
    /// 0 to 1.
    share: f64,
}

/// `97.1 %`.
fn share(report: Report) -> String {
    format!("{:.1} %", 100.0 * real(report.right) / real(report.outputs.max(1)))
}

/// Counts are far below 2⁵².
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn real(value: usize) -> f64 {
    value as f64
}

impl Session {
    /// Takes in the examples of a task; those that it had go on to be its own.
    ///
    /// # Errors
    /// Names the line that is wrong.
    pub fn provide(&mut self, file: &str, text: &str) -> Result<(), Error> {
        self.library.provide(file, text)
    }

    /// The file of examples that the last change lacked; asked for once.
    pub fn wanted(&mut self) -> Option<&'static str> {
        self.wanted.take()
    }

    /// Learns from a few more examples, the lane that is farthest behind first.
    pub fn learn_advance(&mut self) -> Progress {
        let school = &mut self.school;
        let courses = self.lanes.iter().filter_map(|run| run.learning);
        let behind = courses
            .filter_map(|learning| {
                let done = school.course(learning.course)?.done();
                (done < learning.wanted).then_some((done, learning.course))
            })
            .min();
        let Some(course) = behind.and_then(|(_, id)| school.course(id)) else {
            let late = self.lanes.iter().filter_map(|run| run.learning).any(|learning| learning.under_way());
            return if late { Progress::Epoch } else { Progress::Done };
        };
        if course.advance() { Progress::Epoch } else { Progress::UnderWay }
    }

    /// Shows the weights of the last epoch that is done.
    ///
    /// # Errors
    /// Never: the settings are the same.
    pub fn learn_show(&mut self) -> Result<(), Error> {
        self.apply(self.settings.clone())
    }

    /// Asks for no more epochs than are done.
    ///
    /// # Errors
    /// Never: fewer epochs are always there.
    pub fn learn_stop(&mut self) -> Result<(), Error> {
        let school = &mut self.school;
        let late = self.lanes.iter().filter_map(|run| run.learning).filter(Learning::under_way);
        let Some(most) = late.filter_map(|learning| Some(school.course(learning.course)?.done())).max()
        else {
            return Ok(());
        };
        self.change(|settings| {
            let less = |value: &Value| match value {
                Value::Integer(epochs) => Value::Integer(*(epochs.min(&most))),
                other => other.clone(),
            };
            settings.set(Key::Epochs, less(&settings.shared(Key::Epochs).clone()));
            for lane in &mut settings.lanes {
                if let Some(own) = lane.own.get_mut(&Key::Epochs) {
                    *own = less(own);
                }
            }
            Ok(())
        })
    }

    pub(super) fn practice(&self) -> Option<PracticeFacts> {
        let corpus = self.task.practice.as_ref()?;
        let example = match self.settings.shared(Key::Example) {
            Value::Integer(example) => *example,
            _ => 1,
        };
        let own = corpus.data.reads_words() && !self.settings.shared(Key::Own).text().trim().is_empty();
        let lessons: Vec<Learning> = self.lanes.iter().filter_map(|run| run.learning).collect();
        let wanted: usize = lessons.iter().map(|learning| learning.wanted).sum();
        let shown: usize = lessons.iter().map(|learning| learning.shown).sum();
        let least =
            lessons.iter().filter(|learning| learning.under_way()).min_by_key(|learning| learning.shown);
        Some(PracticeFacts {
            example,
            examples: corpus.examples.len(),
            kind: match (own, example <= corpus.held_out) {
                (true, _) => "your own sentence",
                (_, true) => "held out",
                _ => "learnt from",
            },
            pixels: if corpus.vocabulary() == 0 {
                let ink: Vec<f64> = self.task.x.iter().copied().collect();
                ink.chunks(SIDE).map(<[f64]>::to_vec).collect()
            } else {
                Vec::new()
            },
            under_way: least.is_some(),
            progress: if wanted == 0 { 0.0 } else { real(shown) / real(wanted) },
            progress_words: least.map_or_else(String::new, |learning| {
                format!("Epoch {} of {}", learning.shown + 1, learning.wanted)
            }),
            lanes: self.lanes.iter().map(LaneRun::fares).collect(),
        })
    }
}

impl LaneRun {
    fn fares(&self) -> LaneFacts {
        let Some((learning, report)) = self.learning.and_then(|learning| Some((learning, learning.report?)))
        else {
            return LaneFacts {
                shown: "–".into(),
                words: format!("{} does not learn here.", self.name),
                share: 0.0,
            };
        };
        let epochs = match learning.shown {
            0 => "before it learns".into(),
            1 => "after 1 epoch".to_owned(),
            several => format!("after {several} epochs"),
        };
        let Report { right, outputs, whole, examples, loss } = report;
        let whole = if examples == outputs {
            String::new()
        } else {
            format!(", {} of {} examples wholly", count(whole), count(examples))
        };
        let words = format!(
            "{}: {} of {} held-out outputs right {epochs}{whole}, mean loss {}.",
            self.name,
            count(right),
            count(outputs),
            short(loss)
        );
        LaneFacts { shown: share(report), words, share: real(right) / real(outputs.max(1)) }
    }
}
