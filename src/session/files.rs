//! Files that come in and go out.

use std::sync::Arc;

use super::{Cursor, Session, lane_at, link};
use crate::Error;
use crate::experiment::settings::{Data, Key, Lane, Value};
use crate::experiment::{Experiment, file, foreign, pasted};
use crate::json::Node;

impl Session {
    /// Opens a dropped or chosen file: an experiment file, or else numbers.
    ///
    /// # Errors
    /// Names the place in the file.
    pub fn open_file(&mut self, text: &str) -> Result<(), Error> {
        foreign::check_text(text)?;
        if !text.trim_start().starts_with(['{', '[']) {
            pasted::parse(text)?;
            let numbers = Key::Numbers.setting().parse(text.trim())?;
            return self.change(|settings| {
                settings.set(Key::Numbers, numbers);
                settings.set(Key::Data, Value::Text("numbers".into()));
                Ok(())
            });
        }
        let document = file::document(text)?;
        foreign::check_document(&document)?;
        let experiment = file::from_value(&document)?;
        file::check_page(&experiment)?;
        if let Some(page) = Node::root(&document).optional("page")? {
            return self.open_page(page.text()?, &experiment);
        }
        let experiment = Arc::new(experiment);
        self.change(|settings| {
            let model = Lane { model: Some(experiment.clone()), ..Lane::new(experiment.spec.cell) };
            settings.file = Some(experiment.clone());
            settings.set(Key::Data, Value::Text("file".into()));
            settings.lanes = vec![model];
            Ok(())
        })?;
        self.seek(2 * self.steps());
        Ok(())
    }

    /// A file that this page saved: the whole comparison comes back, and weights that were changed in the file
    /// take the place of the ones that the settings draw.
    fn open_page(&mut self, link: &str, experiment: &Experiment) -> Result<(), Error> {
        let (mut settings, cursor) = link::read(link, None)?;
        let task = self.task_of(&settings)?;
        let lane = cursor.lane.min(settings.lanes.len() - 1);
        let drawn = settings.plan(lane, &task, &mut self.draw, |_| {}).experiment;
        let same_data = drawn.x == experiment.x && drawn.target == experiment.target;
        if !same_data || drawn.weights != experiment.weights || drawn.spec != experiment.spec {
            let experiment = Arc::new(experiment.clone());
            settings.lanes[lane].model = Some(experiment.clone());
            settings.lanes[lane].cell = experiment.spec.cell;
            settings.lanes[lane].edits.clear();
            settings.file = Some(experiment);
        }
        if !same_data {
            settings.set(Key::Data, Value::Text("file".into()));
        }
        self.go(settings, cursor)
    }

    /// The experiment file of a lane, with the link to the whole comparison in it.
    ///
    /// # Errors
    /// When there is no such lane.
    pub fn experiment_file(&self, lane: usize) -> Result<String, Error> {
        let run = lane_at(&self.lanes, lane)?;
        let mut file = file::to_value(&run.experiment);
        // A link that does not carry its file would not open elsewhere; what was learnt is in the weights of the file.
        let learnt = run.learning.is_some_and(|learning| learning.shown > 0);
        if self.settings.data() != Data::File && self.stored().is_none() && !learnt {
            let cursor = Cursor { lane, ..self.cursor.clone() };
            file["page"] = link::write(&self.settings, &cursor, self.steps()).into();
        }
        Ok(file.to_string())
    }

    /// The trace file of a lane.
    ///
    /// # Errors
    /// When there is no such lane.
    pub fn trace_file(&self, lane: usize) -> Result<String, Error> {
        let run = lane_at(&self.lanes, lane)?;
        Ok(run.run.trace.to_value(&run.experiment).to_string())
    }
}
