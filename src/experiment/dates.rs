//! Written dates and what ISO 8601 makes of them, in the ways in which English letters are dated.

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

/// How many dates there are.
const COUNT: usize = 4800;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const ROMAN: [&str; 12] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
/// Two digits of a year are one of these hundred years.
const FIRST_YEAR: u32 = 1950;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Four digits.
    pub year: u32,
    /// From 1.
    pub month: u32,
    /// From 1.
    pub day: u32,
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        // The exception of 1900 and 2100 is not among the hundred years.
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// One way to write a date.
type Spelling = fn(Date) -> String;

/// The day comes before the month where both are digits, but for the year in front.
pub const SPELLINGS: [Spelling; 24] = [
    |date| format!("{} {} {}", date.day, date.name(), date.year),
    |date| format!("{} {}, {}", date.name(), date.day, date.year),
    |date| format!("{} {} {}", date.day, date.short(), date.year),
    |date| format!("{} {}, {}", date.short(), date.day, date.year),
    |date| format!("{} {} {}", date.ordinal(), date.name(), date.year),
    |date| format!("{} {}, {}", date.name(), date.ordinal(), date.year),
    |date| format!("{} of {} {}", date.ordinal(), date.name(), date.year),
    |date| format!("the {} of {}, {}", date.ordinal(), date.short(), date.year),
    |date| format!("{:02}/{:02}/{}", date.day, date.month, date.year),
    |date| format!("{}/{}/{}", date.day, date.month, date.year),
    |date| format!("{}/{}/{:02}", date.day, date.month, date.year % 100),
    |date| format!("{}.{}.{}", date.day, date.month, date.year),
    |date| format!("{:02}.{:02}.{:02}", date.day, date.month, date.year % 100),
    |date| format!("{:02}-{:02}-{}", date.day, date.month, date.year),
    |date| format!("{:02}-{}-{}", date.day, date.short(), date.year),
    |date| format!("{}-{}-{:02}", date.day, date.short(), date.year % 100),
    |date| format!("{} {} '{:02}", date.day, date.short(), date.year % 100),
    |date| format!("{} {} '{:02}", date.name(), date.day, date.year % 100),
    |date| format!("{} {} {}", date.day, ROMAN[date.month as usize - 1], date.year),
    |date| format!("{} {} {}", date.year, date.name(), date.day),
    |date| format!("{}, {} {}", date.year, date.short(), date.day),
    |date| format!("{}/{:02}/{:02}", date.year, date.month, date.day),
    |date| format!("{}.{}.{}", date.year, date.month, date.day),
    |date| format!("{}{:02}{:02}", date.year, date.month, date.day),
];

impl Date {
    fn name(self) -> &'static str {
        MONTHS[self.month as usize - 1]
    }

    fn short(self) -> &'static str {
        &self.name()[..3]
    }

    /// `3rd`.
    fn ordinal(self) -> String {
        let ending = match (self.day / 10, self.day % 10) {
            (1, _) => "th",
            (_, 1) => "st",
            (_, 2) => "nd",
            (_, 3) => "rd",
            _ => "th",
        };
        format!("{}{ending}", self.day)
    }

    /// `2024-03-09`.
    #[must_use]
    pub fn iso(self) -> String {
        format!("{}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Dates as they are written, every spelling equally often, and as ISO 8601 has them: always the same ones.
#[must_use]
pub fn written() -> Vec<(String, Date)> {
    let mut random = Pcg64::seed_from_u64(0);
    // The bias of 32 random bits is far below what a share could show.
    let mut below =
        |count: u32| u32::try_from(((random.next_u64() >> 32) * u64::from(count)) >> 32).unwrap_or(0);
    (0..COUNT)
        .map(|number| {
            let (year, month) = (FIRST_YEAR + below(100), 1 + below(12));
            let date = Date { year, month, day: 1 + below(days(year, month)) };
            (SPELLINGS[number % SPELLINGS.len()](date), date)
        })
        .collect()
}
