//! `cargo xtask bench`: how fast the engine is, and how fast and how heavy the page.

mod engine;
mod page;

use std::fmt;

use crate::failure::{Failure, Result};

const PARTS: [&str; 4] = ["native", "browser", "weight", "page"];

/// Measures the named parts, or all; what is over its budget is a failure.
pub fn run(parts: &[String]) -> Result<()> {
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        let choice = format!("choose from {}", PARTS.join(", "));
        return Err(Failure::new(format!("there is nothing to measure called `{unknown}`"), choice));
    }
    let chosen = |part: &str| parts.is_empty() || parts.iter().any(|chosen| chosen == part);
    if chosen("native") {
        engine::native()?;
    }
    if chosen("browser") {
        engine::browser()?;
    }
    let over = if chosen("weight") || chosen("page") {
        page::run(chosen("weight"), chosen("page"))?
    } else {
        Vec::new()
    };
    if over.is_empty() {
        return Ok(());
    }
    Err(Failure::new(over.join("; "), "measure again on an idle machine, then mend it"))
}

/// How a measured time is distributed, in milliseconds.
struct Quantiles {
    count: usize,
    p50: f64,
    p95: f64,
}

impl Quantiles {
    fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        let last = times.len().checked_sub(1)?;
        Some(Self { count: times.len(), p50: times[last / 2], p95: times[(last * 95).div_ceil(100)] })
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:>8.2} ms   p95 {:>8.2} ms   of {}", self.p50, self.p95, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::Quantiles;

    #[test]
    fn quantiles_are_measured_times() {
        let q = Quantiles::of((1..=100).rev().map(f64::from).collect());
        assert_eq!(q.map(|q| (q.p50, q.p95)), Some((50.0, 96.0)));
        let one = Quantiles::of(vec![7.0]);
        assert_eq!(one.map(|q| (q.p50, q.p95)), Some((7.0, 7.0)));
        assert!(Quantiles::of(Vec::new()).is_none());
    }
}
