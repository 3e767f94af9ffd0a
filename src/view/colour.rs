//! Colours: themes, ramps in `OKLab`, and the marks that tell lanes apart.
#![expect(clippy::many_single_char_names, reason = "colour spaces have one-letter axes")]

use std::sync::LazyLock;

use serde::Serialize;

use super::number::{pixel, real};

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// From six digits, as in a style sheet.
    const fn hex(digits: &str) -> Self {
        const fn digit(c: u8) -> u8 {
            if c <= b'9' { c - b'0' } else { c - b'A' + 10 }
        }
        let d = digits.as_bytes();
        Self(16 * digit(d[0]) + digit(d[1]), 16 * digit(d[2]) + digit(d[3]), 16 * digit(d[4]) + digit(d[5]))
    }

    /// `#D55E00`, for style sheets.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }

    /// This colour with so much of another in it, 0 to 1.
    #[must_use]
    pub fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |from: u8, to: u8| {
            let value = f64::from(from) + (f64::from(to) - f64::from(from)) * share;
            u8::try_from(pixel(value)).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Amounts of light, 0 to 1.
    fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// How legible text of one of two colours is on the other, 1 to 21.
    ///
    /// # Formula
    /// (L₁ + 0.05) / (L₂ + 0.05), L the relative luminance (Web Content Accessibility Guidelines 2.2).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let luminance = |colour: Self| {
            let [r, g, b] = colour.linear();
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (one, two) = (luminance(self), luminance(other));
        one.max(two) / one.min(two)
    }

    /// Björn Ottosson's perceptual space: equal steps look equal.
    fn to_oklab(self) -> [f64; 3] {
        let [r, g, b] = self.linear();
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        [
            0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
            1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
            0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
        ]
    }

    fn from_oklab([light, a, b]: [f64; 3]) -> Self {
        let l = (light + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (light - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (light - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
        let [r, g, b] = [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
        .map(|c| {
            let c = c.clamp(0.0, 1.0);
            let c = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
            u8::try_from(pixel(255.0 * c)).unwrap_or(u8::MAX)
        });
        Self(r, g, b)
    }
}

/// Numbers to colours, from a table.
#[derive(Clone, Debug)]
pub struct Ramp {
    from: f64,
    to: f64,
    table: Vec<Rgb>,
}

impl Ramp {
    /// Entries of the table less one.
    const LAST: usize = 256;

    fn new(stops: &[(f64, &str)]) -> Self {
        let stops: Vec<_> = stops.iter().map(|&(at, code)| (at, Rgb::hex(code).to_oklab())).collect();
        let (from, to) = (stops[0].0, stops[stops.len() - 1].0);
        let table = (0..=Self::LAST).map(|n| {
            let value = from + (to - from) * real(n) / real(Self::LAST);
            let k = stops[1..stops.len() - 1].iter().take_while(|stop| value > stop.0).count();
            let ((a, start), (b, end)) = (stops[k], stops[k + 1]);
            let share = (value - a) / (b - a);
            Rgb::from_oklab([0, 1, 2].map(|i| start[i] + (end[i] - start[i]) * share))
        });
        Self { from, to, table: table.collect() }
    }

    /// The colour of a value; values beyond the ends have the ends' colours.
    #[must_use]
    pub fn at(&self, value: f64) -> Rgb {
        let along = (value - self.from) / (self.to - self.from) * real(Self::LAST);
        self.table[(pixel(along) as usize).min(Self::LAST)]
    }

    /// `count` colours from `from` to `to`, for a legend.
    #[must_use]
    pub fn css(&self, from: f64, to: f64, count: usize) -> Vec<String> {
        let last = real(count.max(2) - 1);
        (0..count).map(|n| self.at(from + (to - from) * real(n) / last).css()).collect()
    }
}

/// All colours of one theme.
#[derive(Clone, Debug)]
pub struct Theme {
    /// Background.
    pub paper: Rgb,
    /// Background of zones.
    pub wash: Rgb,
    /// Grid lines: decoration only.
    pub line: Rgb,
    /// Base lines and ticks.
    pub edge: Rgb,
    /// Text and outlines.
    pub ink: Rgb,
    /// Second text.
    pub ink2: Rgb,
    /// Third text and dotted lines.
    pub ink3: Rgb,
    /// Text about gradients.
    pub gradient_ink: Rgb,
    /// Signed values, −1 to 1.
    pub state: Ramp,
    /// Gates, 0 to 1.
    pub gate: Ramp,
    /// log10 of gradient ratios, −9 to 9.
    pub gradient: Ramp,
    /// Whether pale marks need an outline.
    pub light: bool,
}

static LIGHT: LazyLock<Theme> = LazyLock::new(|| Theme {
    paper: Rgb::hex("FCFBF8"),
    wash: Rgb::hex("F4F2EC"),
    line: Rgb::hex("E4E1D9"),
    edge: Rgb::hex("8B877E"),
    ink: Rgb::hex("17191B"),
    ink2: Rgb::hex("505458"),
    ink3: Rgb::hex("686C70"),
    gradient_ink: Rgb::hex("3A5167"),
    state: Ramp::new(&[
        (-1.0, "0F3B66"),
        (-0.5, "6B97BF"),
        (0.0, "F0EEE8"),
        (0.5, "DB9B58"),
        (1.0, "8A3F08"),
    ]),
    gate: Ramp::new(&[(0.0, "F4F3EF"), (0.5, "B0B0AC"), (1.0, "3F444A")]),
    gradient: Ramp::new(&[
        (-9.0, "EDF1F5"),
        (-6.0, "DAE2E9"),
        (-3.0, "AEBCC9"),
        (-1.0, "6E8498"),
        (0.0, "43596D"),
        (1.0, "77453F"),
        (2.5, "B2301C"),
        (5.0, "D41B06"),
        (9.0, "6E0704"),
    ]),
    light: true,
});

static DARK: LazyLock<Theme> = LazyLock::new(|| Theme {
    paper: Rgb::hex("121416"),
    wash: Rgb::hex("1B1E21"),
    line: Rgb::hex("2C3034"),
    edge: Rgb::hex("7D8388"),
    ink: Rgb::hex("ECEAE4"),
    ink2: Rgb::hex("B2B6B8"),
    ink3: Rgb::hex("969B9F"),
    gradient_ink: Rgb::hex("A9C3DA"),
    state: Ramp::new(&[
        (-1.0, "A9D2F7"),
        (-0.5, "4E84B5"),
        (0.0, "1D2124"),
        (0.5, "A8672A"),
        (1.0, "FFC68A"),
    ]),
    gate: Ramp::new(&[(0.0, "1B1E21"), (0.5, "606365"), (1.0, "BFBCB5")]),
    gradient: Ramp::new(&[
        (-9.0, "181C20"),
        (-6.0, "232A31"),
        (-3.0, "3F4D5A"),
        (-1.0, "71889C"),
        (0.0, "A9BFD2"),
        (1.0, "C99A8C"),
        (2.5, "EE6E4A"),
        (5.0, "FF8F3C"),
        (9.0, "FFE3A0"),
    ]),
    light: false,
});

/// The colours of a theme; made once.
#[must_use]
pub fn theme(dark: bool) -> &'static Theme {
    if dark { &DARK } else { &LIGHT }
}

/// The three legends of a theme, as colours for style sheets, left to right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ramps {
    /// −1 to 1.
    pub state: Vec<String>,
    /// 0 to 1.
    pub gate: Vec<String>,
    /// 10⁻⁹ to 10⁵.
    pub gradient: Vec<String>,
}

/// The three legends of a theme.
#[must_use]
pub fn ramps(dark: bool) -> Ramps {
    let theme = theme(dark);
    Ramps {
        state: theme.state.css(-1.0, 1.0, 33),
        gate: theme.gate.css(0.0, 1.0, 17),
        gradient: theme.gradient.css(-9.0, 5.0, 43),
    }
}

/// The form of a lane's marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// ●
    Disc,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
    /// ▼
    Nabla,
    /// ✚
    Cross,
}

/// How a lane is told from the others: by colour, dash and marker, so never by colour alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Okabe and Ito's colours, which stay apart for colour-blind eyes.
    pub colour: Rgb,
    /// Lengths of ink and gap in CSS pixels; empty is a solid line.
    pub dash: &'static [f64],
    /// The marker.
    pub shape: Shape,
    /// Too pale for light paper: lines and markers have an outline of ink there.
    pub pale: bool,
}

static IDENTITIES: [Identity; 6] = [
    Identity { colour: Rgb::hex("D55E00"), dash: &[], shape: Shape::Disc, pale: false },
    Identity { colour: Rgb::hex("0072B2"), dash: &[9.0, 3.0], shape: Shape::Square, pale: false },
    Identity { colour: Rgb::hex("009E73"), dash: &[3.0, 2.5], shape: Shape::Triangle, pale: false },
    Identity { colour: Rgb::hex("CC79A7"), dash: &[12.0, 3.0, 3.0, 3.0], shape: Shape::Diamond, pale: true },
    Identity { colour: Rgb::hex("E69F00"), dash: &[6.0, 6.0], shape: Shape::Nabla, pale: true },
    Identity { colour: Rgb::hex("56B4E9"), dash: &[18.0, 4.0], shape: Shape::Cross, pale: true },
];

/// The identity of mark 0 to 5; beyond, they begin again.
#[must_use]
pub fn identity(mark: usize) -> &'static Identity {
    &IDENTITIES[mark % IDENTITIES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_pass_through_their_stops() {
        for dark in [false, true] {
            let theme = theme(dark);
            for (ramp, from, to) in
                [(&theme.state, -1.0, 1.0), (&theme.gate, 0.0, 1.0), (&theme.gradient, -9.0, 9.0)]
            {
                assert_eq!(ramp.at(from - 5.0), ramp.at(from));
                assert_eq!(ramp.at(to + 5.0), ramp.at(to));
            }
        }
        assert_eq!(theme(false).state.at(-1.0).css(), "#0F3B66");
        assert_eq!(theme(false).state.at(0.0).css(), "#F0EEE8");
        assert_eq!(theme(false).state.at(0.5).css(), "#DB9B58");
        assert_eq!(theme(false).gradient.at(0.0).css(), "#43596D");
        assert_eq!(theme(true).gate.at(1.0).css(), "#BFBCB5");
    }

    #[test]
    fn legends_end_where_the_ramps_do() {
        let legend = ramps(false);
        assert_eq!(legend.gradient.first().map(String::as_str), Some("#EDF1F5"));
        assert_eq!(legend.state.last().map(String::as_str), Some("#8A3F08"));
    }
}
