//! Which of the engine's constants the functions of one part can reach.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};

/// So many zeros weigh more than a segment of its own for what follows.
const GAP: usize = 24;

/// The constants of an engine: where each begins and ends, in order.
pub struct Objects {
    ranges: Vec<Range<u32>>,
}

impl Objects {
    /// Reads the map that the linker writes. `segments` are the engine's memory; what is not in `.rodata` is no
    /// constant.
    ///
    /// # Errors
    /// When the map is of another engine.
    pub fn read(map: &str, segments: &[(u32, &[u8])]) -> Result<Self> {
        let entries: Vec<Entry> = map.lines().filter_map(Entry::parse).collect();
        let section =
            entries.iter().position(|entry| entry.what == ".rodata").context("no .rodata in the map")?;
        let Range { start, end } = entries[section].range;
        let (_, bytes) = segments
            .iter()
            .find(|(at, bytes)| *at == start && at + length(bytes) == end)
            .context("the map has another .rodata than the engine")?;
        let mut ranges = Vec::new();
        for entry in entries[section + 1..].iter().take_while(|entry| entry.range.end <= end) {
            // A symbol is listed below the chunk that holds it, and says nothing more.
            if !entry.what.contains(":(") {
                continue;
            }
            if entry.what.starts_with("<internal>") {
                // Texts that the linker merged: each ends with a zero, and may be read from its middle.
                let mut first = entry.range.start;
                for at in entry.range.clone() {
                    if bytes.get((at - start) as usize) == Some(&0) {
                        ranges.push(first..at + 1);
                        first = at + 1;
                    }
                }
                ranges.push(first..entry.range.end);
            } else {
                ranges.push(entry.range.clone());
            }
        }
        ranges.retain(|range| !range.is_empty());
        ensure!(ranges.is_sorted_by(|a, b| a.end <= b.start), "the linker's map is not in order");
        Ok(Self { ranges })
    }

    /// The constants that can be read by functions that hold `numbers`: those whose address is among them, in a
    /// variable, or in such a constant.
    pub fn reached(&self, numbers: &BTreeSet<u32>, segments: &[(u32, &[u8])]) -> Vec<Range<u32>> {
        let mut reached = BTreeSet::new();
        let variables = segments.iter().filter(|(at, _)| self.at(*at).is_none());
        let variables = variables.flat_map(|(at, bytes)| words(&(*at..at + length(bytes)), segments));
        let mut open: Vec<usize> =
            numbers.iter().copied().chain(variables).filter_map(|n| self.at(n)).collect();
        while let Some(object) = open.pop() {
            if reached.insert(object) {
                open.extend(words(&self.ranges[object], segments).filter_map(|word| self.at(word)));
            }
        }
        reached.into_iter().map(|object| self.ranges[object].clone()).collect()
    }

    /// All constants.
    pub fn all(&self) -> &[Range<u32>] {
        &self.ranges
    }

    fn at(&self, address: u32) -> Option<usize> {
        let after = self.ranges.partition_point(|range| range.start <= address);
        let object = after.checked_sub(1)?;
        self.ranges[object].contains(&address).then_some(object)
    }
}

/// A line of the linker's map.
struct Entry<'a> {
    range: Range<u32>,
    what: &'a str,
}

impl<'a> Entry<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let line = line.trim_start();
        let (address, line) = line.split_once(char::is_whitespace)?;
        let (_, line) = line.trim_start().split_once(char::is_whitespace)?;
        let (size, what) = line.trim_start().split_once(char::is_whitespace)?;
        let [address, size] = [address, size].map(|number| u32::from_str_radix(number, 16));
        let address = address.ok()?;
        Some(Self { range: address..address.checked_add(size.ok()?)?, what: what.trim() })
    }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// The bytes of a range.
pub fn bytes<'a>(range: &Range<u32>, segments: &[(u32, &'a [u8])]) -> &'a [u8] {
    let within = segments.iter().find_map(|(at, bytes)| {
        let [start, end] = [range.start, range.end].map(|address| address.checked_sub(*at));
        bytes.get(start? as usize..end? as usize)
    });
    within.unwrap_or_default()
}

/// Where there is something in `bytes`: all but long runs of zeros, which a memory holds anyway.
pub fn pieces(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte != 0) {
        match pieces.last_mut() {
            Some(piece) if at - piece.end < GAP => piece.end = at + 1,
            _ => pieces.push(at..at + 1),
        }
    }
    pieces
}

/// What may be an address in a range: every aligned word.
fn words<'a>(range: &Range<u32>, segments: &'a [(u32, &'a [u8])]) -> impl Iterator<Item = u32> + use<'a> {
    let aligned = range.start.next_multiple_of(4).min(range.end)..range.end;
    bytes(&aligned, segments)
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
}
