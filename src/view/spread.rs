//! Moves positions apart.

use super::number::real;

/// Moves rising positions apart until each is `gap` from the next, as little as need be, within `low..=high`.
/// When the range is too short for all of them, they share it evenly.
pub(crate) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let Some(last) = wanted.len().checked_sub(1) else { return vec![] };
    let gap = if last == 0 { gap } else { gap.min((high - low).max(0.0) / real(last)) };
    // Groups that touch: sum of where each would put its first member, count.
    let mut groups: Vec<(f64, usize)> = vec![];
    for &position in wanted {
        groups.push((position, 1));
        while let [.., (a, n), (b, m)] = groups[..] {
            let (first, second) = (a / real(n), b / real(m));
            if second - first >= gap * real(n) {
                break;
            }
            // Members of the second group lie n gaps further from the first member of the first.
            let joined = a + b - gap * real(n * m);
            groups.truncate(groups.len() - 2);
            groups.push((joined, n + m));
        }
    }
    let mut placed = Vec::with_capacity(wanted.len());
    for (sum, count) in groups {
        let first = sum / real(count);
        placed.extend((0..count).map(|index| first + gap * real(index)));
    }
    for index in 0..=last {
        let floor = if index == 0 { low } else { placed[index - 1] + gap };
        placed[index] = placed[index].max(floor);
    }
    for index in (0..=last).rev() {
        let ceiling = if index == last { high } else { placed[index + 1] - gap };
        placed[index] = placed[index].min(ceiling);
    }
    placed
}

/// Stacks rising positions upwards from the lowest on the page until each is `gap` from the next; only when that
/// leads out of `low..=high` do they move down.
pub(crate) fn stack(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let gap = if wanted.len() < 2 { gap } else { gap.min((high - low).max(0.0) / real(wanted.len() - 1)) };
    let mut placed = wanted.to_vec();
    let mut limit = high;
    for position in placed.iter_mut().rev() {
        *position = position.min(limit);
        limit = *position - gap;
    }
    let mut limit = low;
    for position in &mut placed {
        *position = position.max(limit);
        limit = *position + gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wanted: &[f64], expected: &[f64]) {
        let placed = spread(wanted, 10.0, 0.0, 100.0);
        assert!(
            placed.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9) && placed.len() == expected.len(),
            "{wanted:?} became {placed:?}, expected {expected:?}"
        );
    }

    #[test]
    fn stacks_grow_upwards_while_there_is_room() {
        assert_eq!(stack(&[50.0, 52.0], 10.0, 0.0, 100.0), [42.0, 52.0]);
        assert_eq!(stack(&[2.0, 4.0], 10.0, 0.0, 100.0), [0.0, 10.0]);
        assert_eq!(stack(&[90.0, 120.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
    }

    #[test]
    fn positions_move_apart_and_stay_inside() {
        check(&[], &[]);
        check(&[20.0, 50.0], &[20.0, 50.0]);
        check(&[50.0, 50.0], &[45.0, 55.0]);
        check(&[50.0, 52.0, 54.0, 90.0], &[42.0, 52.0, 62.0, 90.0]);
        check(&[98.0, 99.0, 100.0], &[80.0, 90.0, 100.0]);
        check(&[-5.0, 0.0], &[0.0, 10.0]);
        check(
            &[0.0; 21],
            &std::array::from_fn::<f64, 21, _>(|n| 5.0 * f64::from(u32::try_from(n).unwrap_or(0))),
        );
    }
}
