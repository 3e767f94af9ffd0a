//! The whole figure as one SVG: heat maps and chart on plotters' backend, words as text.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::boxes::{self, BoxesFigure, Line, Role, Text};
use super::chart::{dashes, form};
use super::flow::{self, FlowFigure};
use super::number::{pixel, signed, whole};
use super::paint::{Block, Hatch, Painter, Run, paint};
use super::spectrum::{self, SpectrumFigure};
use super::update::{self, Ink, UpdateFigure};
use super::{
    Anchor, Area, Axis, Figure, Label, Layout, Mode, Rgb, Theme, Viewport, Words, chart, identity, labels,
    layout, theme,
};

/// Coordinates of the drawing per CSS pixel: plotters counts in whole ones.
const FINE: u32 = 4;

/// Draws a figure as SVG of the viewport's width; `viewport.scale` does not matter.
#[must_use]
pub fn svg(figure: &Figure, viewport: Viewport) -> String {
    let layout = layout(figure, viewport);
    document(layout.width, layout.height, viewport, |area, fine| draw(area, figure, &layout, fine))
}

/// Draws a flow figure, with the names of its lanes, as SVG of the viewport's width.
#[must_use]
pub fn flow_svg(figure: &FlowFigure, names: &[&str], viewport: Viewport) -> String {
    let layout = flow::layout(figure, viewport);
    document(layout.width, layout.height, viewport, |area, fine| {
        let px = |css: u32| pixel(f64::from(css) * fine.scale);
        let mut canvas = Plotted { area, failure: None };
        let (width, height) = (px(layout.width), px(layout.height));
        canvas.fill(Block { x: 0, y: 0, width, height }, theme(viewport.dark).paper);
        flow::paint(&mut canvas, figure, &layout, fine);
        let mut words = flow::labels(figure, &layout, viewport);
        for ((lane, name), place) in figure.lanes.iter().zip(names).zip(&layout.lanes) {
            let bar = Block { x: 0, y: px(place.y), width: px(3), height: px(place.height) };
            canvas.fill(bar, identity(lane.mark).colour);
            let y = f64::from(place.y) + 13.0;
            words.push(Label {
                x: 12.0,
                y,
                anchor: Anchor::Start,
                text: (*name).to_owned(),
                kind: Words::End,
                mark: -1,
            });
        }
        if let Some(failure) = canvas.failure {
            return Err(failure);
        }
        words.extend(numbers(&layout.axis, layout.ticks.y, &layout.tick_labels));
        words.iter().try_for_each(|label| write(area, label, fine))?;
        area.present()
    })
}

/// The words of a lane in a drawing of the figure of steps.
#[derive(Clone, Debug)]
pub struct SpectrumWords {
    /// Its name.
    pub name: String,
    /// What its plane shows.
    pub head: String,
    /// The names and numbers of its dials.
    pub dials: Vec<(String, String)>,
    /// The number beside its curves.
    pub number: String,
}

/// Draws a figure of steps as SVG of the viewport's width.
#[must_use]
pub fn spectrum_svg(
    figure: &SpectrumFigure,
    lanes: &[SpectrumWords],
    [key, title]: [&str; 2],
    viewport: Viewport,
) -> String {
    let layout = spectrum::layout(figure, viewport);
    document(layout.width, layout.height, viewport, |area, fine| {
        spectrum::paint(area, figure, &layout, fine)?;
        let px = |css: u32| pixel(f64::from(css) * fine.scale);
        let mut canvas = Plotted { area, failure: None };
        let mut words = spectrum::labels(figure, &layout, viewport);
        let mut say = |x: u32, y: u32, anchor, text: &str, kind| {
            let (x, y, text) = (f64::from(x), f64::from(y), text.to_owned());
            words.push(Label { x, y, anchor, text, kind, mark: -1 });
        };
        for (((lane, said), plane), place) in
            figure.lanes.iter().zip(lanes).zip(&layout.planes).zip(&layout.lanes)
        {
            for (y, height) in [(plane.y, 15), (place.y, place.height)] {
                let x = if y == plane.y { px(plane.x) } else { 0 };
                let bar = Block { x, y: px(y), width: px(3), height: px(height) };
                canvas.fill(bar, identity(lane.mark).colour);
            }
            let head = format!("{} {}", said.name, said.head);
            say(plane.x + 12, plane.y + 13, Anchor::Start, &head, Words::End);
            for ((name, shown), dial) in said.dials.iter().zip(&plane.dials) {
                say(dial.x, dial.y + 11, Anchor::Start, name, Words::Note);
                say(dial.x + dial.width, dial.y + 11, Anchor::End, shown, Words::Value);
            }
            say(12, place.y + 13, Anchor::Start, &said.name, Words::End);
            say(12, place.y + place.height - 14, Anchor::Start, &said.number, Words::Value);
        }
        say(0, layout.key.y + 13, Anchor::Start, key, Words::Note);
        say(0, layout.title.y + 13, Anchor::Start, title, Words::End);
        if let Some(failure) = canvas.failure {
            return Err(failure);
        }
        words.extend(numbers(&layout.axis, layout.ticks.y, &layout.tick_labels));
        words.iter().try_for_each(|label| write(area, label, fine))?;
        area.present()
    })
}

/// Draws a picture of boxes and arrows as SVG of the viewport's width.
#[must_use]
pub fn boxes_svg(figure: &BoxesFigure, viewport: Viewport) -> String {
    let layout =
        boxes::layout(&figure.plans(), figure.lane, figure.figure.steps, figure.figure.targets, viewport);
    let frame = &layout.frame;
    document(frame.width, frame.height, viewport, |area, fine| {
        let px = |css: u32| pixel(f64::from(css) * fine.scale);
        let (width, height) = (px(frame.width), px(frame.height));
        let mut canvas = Plotted { area, failure: None };
        canvas.fill(Block { x: 0, y: 0, width, height }, theme(viewport.dark).paper);
        let band = area.clone().shrink((0, px(frame.chart.y)), (width, px(frame.chart.height)));
        chart(&band, &figure.figure, frame, fine)?;
        boxes::paint(&mut canvas, figure, &layout, fine);
        let mut words = labels(&figure.figure, frame, viewport);
        words.extend(numbers(&frame.axis, frame.ticks.y, &frame.tick_labels));
        let scene = boxes::scene(figure, &layout, viewport);
        for ((lane, place), (nodes, links)) in figure.figure.lanes.iter().zip(&layout.lanes).zip(&scene.lanes)
        {
            let mark = identity(lane.mark);
            canvas.fill(Block { x: 0, y: px(place.y), width: px(3), height: px(place.height) }, mark.colour);
            let plain = |x: f64, y: f64, anchor, text: &str, kind| Label {
                x,
                y,
                anchor,
                text: text.to_owned(),
                kind,
                mark: -1,
            };
            words.push(plain(12.0, f64::from(place.y) + 13.0, Anchor::Start, lane.name, Words::End));
            let edge = f64::from(frame.axis.x0) - 8.0;
            words.extend(
                place
                    .symbols
                    .iter()
                    .map(|(symbol, y)| plain(edge, f64::from(*y) + 4.0, Anchor::End, symbol, Words::Value)),
            );
            let stroke = Stroke { area, theme: theme(viewport.dark), own: mark.colour, scale: fine.scale };
            for (node, shown) in place.nodes.iter().zip(nodes) {
                if let Some((width, role)) = shown.frame {
                    let Area { x, y, width: across, height: down } = node.area;
                    let corners = [(x, y), (x + across, y), (x + across, y + down), (x, y + down), (x, y)];
                    stroke.path(&corners, width, role)?;
                }
                shown.texts.iter().try_for_each(|text| stroke.words(text))?;
            }
            for shown in links {
                stroke.arrow(&shown.line)?;
                shown.back.iter().try_for_each(|line| stroke.arrow(line))?;
                shown.number.iter().try_for_each(|text| stroke.words(text))?;
            }
        }
        if let Some(failure) = canvas.failure {
            return Err(failure);
        }
        words.iter().try_for_each(|label| write(area, label, fine))?;
        area.present()
    })
}

/// Draws a scene's lines and words.
struct Stroke<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    theme: &'a Theme,
    own: Rgb,
    scale: f64,
}

type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

impl<DB: DrawingBackend> Stroke<'_, DB> {
    fn colour(&self, role: Role) -> RGBColor {
        rgb(match role {
            Role::Ink => self.theme.ink,
            Role::Ink2 => self.theme.ink2,
            Role::Edge => self.theme.edge,
            Role::White => boxes::WHITE,
            Role::Black => boxes::BLACK,
            Role::Lane => self.own,
            Role::Gradient => self.theme.gradient_ink,
        })
    }

    fn at(&self, x: f64, y: f64) -> (i32, i32) {
        (whole(x * self.scale), whole(y * self.scale))
    }

    fn path(&self, corners: &[(f64, f64)], width: f64, role: Role) -> Drawn<DB> {
        let points: Vec<_> = corners.iter().map(|&(x, y)| self.at(x, y)).collect();
        let style = self.colour(role).stroke_width(pixel(width * self.scale).max(1));
        self.area.draw(&PathElement::new(points, style))
    }

    fn arrow(&self, line: &Line) -> Drawn<DB> {
        let corners: Vec<_> = line.shaft().iter().map(|point| (point.x, point.y)).collect();
        self.path(&corners, line.width, line.role)?;
        let Some(head) = line.triangle() else { return Ok(()) };
        let points: Vec<_> = head.iter().map(|point| self.at(point.x, point.y)).collect();
        self.area.draw(&Polygon::new(points, self.colour(line.role).filled()))
    }

    fn words(&self, text: &Text) -> Drawn<DB> {
        let horizontal = match text.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let bold = if text.bold { FontStyle::Bold } else { FontStyle::Normal };
        let family = if text.math { FontFamily::Serif } else { FontFamily::SansSerif };
        let style = (family, text.size * self.scale * 1.24, bold).into_text_style(self.area);
        let ink = self.colour(text.role);
        let style = style.color(&ink).pos(Pos::new(horizontal, VPos::Bottom));
        self.area.draw_text(&text.text, &style, self.at(text.x, text.y + text.size * 0.26))
    }
}

/// Draws an update figure, with the names of its lanes and its sentences, as SVG of the viewport's width.
#[must_use]
pub fn update_svg(figure: &UpdateFigure, words: &[(&str, [String; 3])], viewport: Viewport) -> String {
    let layout = update::layout(figure, viewport);
    document(layout.width, layout.height, viewport, |area, fine| {
        let theme = theme(viewport.dark);
        let px = |css: u32| pixel(f64::from(css) * fine.scale);
        let mut canvas = Plotted { area, failure: None };
        let (width, height) = (px(layout.width), px(layout.height));
        canvas.fill(Block { x: 0, y: 0, width, height }, theme.paper);
        update::paint(&mut canvas, figure, &layout, fine);
        let plain =
            |x, y, anchor, text: &str, kind| Label { x, y, anchor, text: text.into(), kind, mark: -1 };
        let mut labels = update::labels(figure, &layout, viewport);
        for ((lane, (name, sentences)), place) in figure.lanes.iter().zip(words).zip(&layout.lanes) {
            let bar = Block { x: 0, y: px(place.y), width: px(3), height: px(place.height) };
            canvas.fill(bar, identity(lane.mark).colour);
            labels.push(plain(12.0, f64::from(place.y) + 13.0, Anchor::Start, name, Words::End));
            for (block, row) in lane.blocks.iter().zip(&place.blocks) {
                let y = row.y + row.height / 2.0 + 4.0;
                labels.push(plain(row.x - 6.0, y, Anchor::End, block.name, Words::Decade));
            }
            for (sentence, place) in sentences.iter().zip(place.words) {
                let lines = wrapped(sentence, |line| {
                    let label = plain(place.x, place.y, Anchor::Start, line, Words::Decade);
                    label.width(viewport.mode) <= place.width
                });
                let size = Words::Decade.size(viewport.mode) * 1.25;
                let line = |(n, line): (u32, &String)| {
                    plain(place.x, place.y + size * f64::from(n + 1), Anchor::Start, line, Words::Decade)
                };
                labels.extend((0..).zip(lines.iter().filter(|_| place.width > 0.0)).map(line));
            }
        }
        if let Some(failure) = canvas.failure {
            return Err(failure);
        }
        for stroke in update::strokes(figure, &layout) {
            let colour = match stroke.ink {
                Ink::Thin if !stroke.taken => theme.edge,
                Ink::Halo => theme.paper,
                _ => theme.ink,
            };
            let points = stroke.points.iter().map(|(x, y)| (x * fine.scale, y * fine.scale));
            if stroke.filled {
                let fill = if stroke.ink == Ink::Off { theme.paper } else { theme.ink };
                let corners: Vec<_> = points.map(|(x, y)| (whole(x), whole(y))).collect();
                area.draw(&Polygon::new(corners.clone(), rgb(fill).filled()))?;
                let closed: Vec<_> = corners.iter().chain(corners.first()).copied().collect();
                area.draw(&PathElement::new(closed, rgb(theme.ink).stroke_width(pixel(fine.scale))))?;
                continue;
            }
            let dash: Vec<f64> = stroke.ink.dash().iter().map(|length| length * fine.scale).collect();
            let style = rgb(colour).stroke_width(pixel(stroke.width() * fine.scale));
            for part in dashes(points, &dash) {
                area.draw(&PathElement::new(part, style))?;
            }
        }
        labels.iter().try_for_each(|label| write(area, label, fine))?;
        area.present()
    })
}

/// A text in lines that fit.
fn wrapped(text: &str, fits: impl Fn(&str) -> bool) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A drawing of this size in CSS pixels; `draw` gets the viewport that counts in the drawing's own.
fn document(
    width: u32,
    height: u32,
    viewport: Viewport,
    draw: impl FnOnce(
        &DrawingArea<SVGBackend, Shift>,
        Viewport,
    ) -> Result<(), DrawingAreaErrorKind<std::io::Error>>,
) -> String {
    let fine = Viewport { scale: f64::from(FINE), ..viewport };
    let size = (width * FINE, height * FINE);
    let mut text = String::new();
    let drawn = draw(&SVGBackend::with_string(&mut text, size).into_drawing_area(), fine);
    debug_assert!(drawn.is_ok(), "a string takes everything: {drawn:?}");
    let full = format!(r#"width="{}" height="{}""#, size.0, size.1);
    let text = text.replacen(&full, &format!(r#"width="{width}" height="{height}""#), 1);
    // A rim of paper keeps words legible on lines.
    let (paper, rim) = (theme(viewport.dark).paper.css(), 3 * FINE);
    let halo = format!(r#"<text paint-order="stroke" stroke="{paper}" stroke-width="{rim}" "#);
    // What SVG takes for granted is half of the file.
    text.replace("<text ", &halo).replace(r#" opacity="1""#, "").replace(r#" stroke="none""#, "")
}

/// Draws everything on a drawing area of `layout`'s size times `viewport.scale`.
///
/// # Errors
/// Whatever the backend cannot do.
fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    figure: &Figure,
    layout: &Layout,
    viewport: Viewport,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let theme = theme(viewport.dark);
    let px = |css: u32| pixel(f64::from(css) * viewport.scale);
    let mut canvas = Plotted { area, failure: None };
    let (width, height) = (px(layout.width), px(layout.height));
    canvas.fill(Block { x: 0, y: 0, width, height }, theme.paper);
    paint(&mut canvas, figure, layout, viewport);
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        let bar = Block { x: 0, y: px(place.y), width: px(3), height: px(place.height) };
        canvas.fill(bar, identity(lane.mark).colour);
    }
    if let Some(failure) = canvas.failure {
        return Err(failure);
    }
    let band = area.clone().shrink((0, px(layout.chart.y)), (width, px(layout.chart.height)));
    chart(&band, figure, layout, viewport)?;
    for label in labels(figure, layout, viewport).into_iter().chain(gutter(figure, layout, viewport)) {
        write(area, &label, viewport)?;
    }
    area.present()
}

/// What the page sets beside the lanes: names, symbols, numbers of the axis.
fn gutter(figure: &Figure, layout: &Layout, viewport: Viewport) -> Vec<Label> {
    let phone = viewport.mode == Mode::Phone;
    let axis = &layout.axis;
    let edge = f64::from(axis.x0) - 8.0;
    let plain = |x: f64, y: f64, anchor, text: &str, kind| Label {
        x,
        y,
        anchor,
        text: text.to_owned(),
        kind,
        mark: -1,
    };
    let mut words = vec![];
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        words.push(plain(12.0, f64::from(place.y) + 13.0, Anchor::Start, lane.name, Words::End));
        for row in &place.rows {
            let middle = f64::from(row.y) + f64::from(row.height) / 2.0;
            let written = lane.rows.get(row.index).map_or("", |row| &row.written);
            words.push(plain(edge, middle + 2.0, Anchor::End, written, Words::Value));
            if !phone && !row.note.is_empty() {
                let (x, y) =
                    if row.height < 30 { (edge - 16.0, middle + 2.0) } else { (edge, middle + 15.0) };
                words.push(plain(x, y, Anchor::End, &row.note, Words::Note));
            }
        }
        if !phone {
            let middle = f64::from(place.strip.y) + f64::from(place.strip.height) / 2.0;
            words.push(plain(edge, middle + 4.0, Anchor::End, &lane.gradient, Words::Note));
        }
    }
    words.extend(numbers(axis, layout.ticks.y, &layout.tick_labels));
    words
}

/// The numbers of the time axis.
fn numbers(axis: &Axis, top: u32, steps: &[usize]) -> Vec<Label> {
    let label = |&t: &usize| Label {
        x: axis.centre(t),
        y: f64::from(top) + 16.0,
        anchor: Anchor::Middle,
        text: axis.of().number(t),
        kind: Words::Decade,
        mark: -1,
    };
    steps.iter().map(label).collect()
}

fn write<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    label: &Label,
    viewport: Viewport,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let theme = theme(viewport.dark);
    let size = label.kind.size(viewport.mode);
    let colour = match label.kind {
        Words::End | Words::Value | Words::State => theme.ink,
        Words::Decade | Words::Note => theme.ink2,
        Words::Zone => theme.ink3,
    };
    let at = |x: f64, y: f64| (whole(x * viewport.scale), whole(y * viewport.scale));
    let mark = usize::try_from(label.mark).ok().map(identity);
    let room = if mark.is_some() { size } else { 0.0 };
    // The label's box holds mark and words; the mark of a lane's name stands after it, others before.
    let after = label.kind == Words::End;
    let (shift, centre) = match (label.anchor, after) {
        (Anchor::End, true) => (-room, -room / 2.0 + 1.0),
        (Anchor::End, false) => (0.0, -label.width(viewport.mode) + room / 2.0),
        _ => (room, room / 2.0),
    };
    if let Some(mark) = mark {
        let (x, y) = (label.x + centre, label.y - size * 0.35);
        if mark.pale && theme.light {
            form(area, at(x, y), mark.shape, size * 0.38 * viewport.scale, theme.ink)?;
        }
        form(area, at(x, y), mark.shape, size * 0.3 * viewport.scale, mark.colour)?;
    }
    if label.kind == Words::State {
        let place = label.area(viewport.mode);
        let corners =
            [at(place.x - 2.0, place.y - 1.0), at(place.x + place.width + 2.0, place.y + place.height + 1.0)];
        area.draw(&Rectangle::new(corners, rgb(theme.paper).filled()))?;
    }
    let horizontal = match label.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let bold = if label.kind.bold() { FontStyle::Bold } else { FontStyle::Normal };
    // The bottom of a text is half an ex under its base line; plotters' font size counts 1.24 to the em.
    let style = (FontFamily::SansSerif, size * viewport.scale * 1.24, bold).into_text_style(area);
    let ink = rgb(colour);
    let style = style.color(&ink).pos(Pos::new(horizontal, VPos::Bottom));
    area.draw_text(&label.text, &style, at(label.x + shift, label.y + size * 0.26))
}

fn rgb(colour: Rgb) -> RGBColor {
    RGBColor(colour.0, colour.1, colour.2)
}

/// A painter on a drawing area; it remembers the first failure.
struct Plotted<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    failure: Option<DrawingAreaErrorKind<DB::ErrorType>>,
}

impl<DB: DrawingBackend> Painter for Plotted<'_, DB> {
    fn fill(&mut self, block: Block, colour: Rgb) {
        let corner = |x, y| (signed(x), signed(y));
        let corners = [corner(block.x, block.y), corner(block.x + block.width, block.y + block.height)];
        let drawn = self.area.draw(&Rectangle::new(corners, rgb(colour).filled()));
        self.failure = self.failure.take().or(drawn.err());
    }

    fn runs(&mut self, block: Block, _background: Rgb, runs: &[Run]) {
        for &(x, width, colour) in runs {
            self.fill(Block { x, width, ..block }, colour);
        }
    }

    fn hatch(&mut self, block: Block, hatch: &Hatch) {
        self.fill(block, hatch.paper);
        let (left, right) = (block.x, block.x + block.width);
        let (top, bottom) = (block.y, block.y + block.height);
        // A slanted line is where x + y is a multiple of the period.
        let style = rgb(hatch.ink).stroke_width(hatch.stroke * 7 / 10);
        for sum in (left + top..right + bottom).filter(|sum| sum % hatch.period == 0) {
            let from = sum.saturating_sub(bottom).max(left);
            let to = sum.saturating_sub(top).min(right);
            let ends = [from, to].map(|x| (signed(x), signed(sum - x)));
            if from < to {
                let drawn = self.area.draw(&PathElement::new(ends, style));
                self.failure = self.failure.take().or(drawn.err());
            }
        }
    }
}
