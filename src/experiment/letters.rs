//! Letters drawn from a seed, with something to say in every shape.

use ndarray::Array2;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

use super::edits::Edits;
use super::task::{Outcome, Span, Task, Token};
use super::{Shape, Target};

const LETTERS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];
const KINDS: [&str; 2] = ["vowel", "consonant"];

/// One letter: vowel or consonant? One letter: say the alphabet on from there. Many letters: which was the first, which
/// was the one before, or all of them from the last to the first.
#[must_use]
pub fn task(span: Span, seed: u64) -> Task {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut pick = || usize::try_from(random.next_u64() >> 61).unwrap_or(0);
    let steps = if span.shape.has_inputs() { span.steps } else { 1 };
    let read: Vec<usize> = (0..steps).map(|_| pick()).collect();
    let outputs = span.outputs;
    let (title, says, symbols, wanted): (_, _, &[&str], Vec<usize>) = match span.shape {
        Shape::OneToOne => {
            let kind = usize::from(!matches!(LETTERS[read[0]], "A" | "E"));
            ("Vowel or consonant", "is it a vowel or a consonant?", &KINDS, vec![kind])
        }
        Shape::OneToMany => {
            let on = (1..=outputs).map(|n| (read[0] + n) % LETTERS.len()).collect();
            ("The alphabet from a letter", "say the letters that follow it, A after H", &LETTERS, on)
        }
        Shape::ManyToOne => {
            ("The first letter", "at t = T, which letter was first?", &LETTERS, vec![read[0]])
        }
        Shape::ManyToMany => {
            let before = (0..steps).map(|t| read[t.saturating_sub(1)]).collect();
            (
                "The letter before",
                "at each step, which letter was before it? (At t = 1, itself.)",
                &LETTERS,
                before,
            )
        }
        Shape::EncoderDecoder => {
            let back = read.iter().rev().take(outputs).copied().collect();
            ("Letters backwards", "when all are read, say them from the last to the first", &LETTERS, back)
        }
    };
    let mut x = Array2::zeros((steps, LETTERS.len()));
    for (t, &letter) in read.iter().enumerate() {
        x[[t, letter]] = 1.0;
    }
    let words = |classes: &[usize], symbols: &[&str]| {
        classes.iter().map(|&class| Token::Word(symbols[class].into())).collect::<Vec<_>>()
    };
    Task {
        title,
        source: "",
        note: format!("Drawn by this page from A to H, one-hot: {says}"),
        x,
        shape: span.shape,
        outputs: symbols.len(),
        inputs: words(&read, &LETTERS),
        targets: words(&wanted, symbols),
        target: Target::Classes(wanted),
        outcome: Outcome::Symbols(symbols.iter().map(|&symbol| symbol.into()).collect()),
        most_steps: usize::MAX,
        most_outputs: if span.shape == Shape::EncoderDecoder { steps } else { usize::MAX },
        practice: None,
        replaced: Edits::new(),
    }
}
