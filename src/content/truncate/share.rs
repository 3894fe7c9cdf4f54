//! Who gets how much of the room.

/// One of the oversized may be cut down to this part of the room, so that those behind it have some too.
const LEAST_PART: usize = 4;

/// Below this there is little use in sharing.
pub(super) const LEAST_SHARE: usize = 64;

/// The height to which all lengths have to be cut so that they fit into `room`, as water levels them; `usize::MAX` if
/// they fit as they are.
fn level(lengths: &[usize], room: usize) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    let mut room = room;
    for (length, left) in sorted.iter().zip((1..=sorted.len()).rev()) {
        let share = room / left;
        if *length > share {
            return share;
        }
        room -= length;
    }
    usize::MAX
}

/// Which strings are cut, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Those longer than this.
    pub(super) above: usize,
    pub(super) to: usize,
}

/// Cuts as few of the longest as can be, as each cut costs a note, but none to less than half of one that stays whole,
/// and none below `least`. `None` if they cannot give so much.
pub(super) fn fewest(lengths: &[usize], room: usize, least: usize) -> Option<Cut> {
    let mut longest = lengths.to_vec();
    longest.sort_unstable_by_key(|length| std::cmp::Reverse(*length));
    let mut whole: usize = longest.iter().sum();
    if whole <= room {
        return Some(Cut { above: usize::MAX, to: 0 });
    }
    let followers = longest.iter().skip(1).copied().chain([0]);
    for ((length, next), count) in longest.iter().zip(followers).zip(1usize..) {
        whole -= length;
        let to = room.saturating_sub(whole) / count;
        if next < *length && to >= least.max(next / 2) {
            return Some(Cut { above: next, to });
        }
    }
    None
}

/// How much each of the first ones gets: all it needs as long as there is room, and then what is left. The others,
/// for which the result has no entry, get nothing.
pub(super) fn allot(lengths: &[usize], room: usize) -> Vec<usize> {
    let mut left = room;
    let fits = |length: &&usize| left.checked_sub(**length).map(|rest| left = rest).is_some();
    let whole = lengths.iter().take_while(fits).count();
    let (whole, rest) = lengths.split_at(whole);
    let edge = rest.split_at(sharers(rest, left, room)).0;
    let height = level(edge, left);
    whole.iter().copied().chain(edge.iter().map(|length| *length.min(&height))).collect()
}

/// How many share what is left. Usually that is the one at the edge; if most of the room is left, that one is
/// oversized and shall not take it all.
fn sharers(lengths: &[usize], left: usize, room: usize) -> usize {
    if left < room / 2 {
        return lengths.len().min(1);
    }
    let least = (left / LEAST_PART).max(LEAST_SHARE);
    let mut rest = left;
    let fits = |length: &&usize| rest.checked_sub(least.min(**length)).map(|less| rest = less).is_some();
    lengths.iter().take_while(fits).count().max(1).min(lengths.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn water_finds_its_level() {
        assert_eq!(level(&[], 0), usize::MAX);
        assert_eq!(level(&[3, 4], 7), usize::MAX);
        assert_eq!(level(&[10, 1, 10], 11), 5);
        assert_eq!(level(&[100], 60), 60);
        assert_eq!(level(&[5, 5], 0), 0);
    }

    #[test]
    fn few_are_cut_but_not_to_less_than_half_of_the_others() {
        assert_eq!(fewest(&[10, 90, 100], 160, 8), Some(Cut { above: 90, to: 60 }));
        assert_eq!(fewest(&[10, 90, 100], 140, 8), Some(Cut { above: 10, to: 65 }));
        assert_eq!(fewest(&[100, 100], 160, 8), Some(Cut { above: 0, to: 80 }));
        assert_eq!(fewest(&[100, 100], 15, 8), None);
        assert_eq!(fewest(&[1, 2], 3, 8), Some(Cut { above: usize::MAX, to: 0 }));
    }

    #[test]
    fn the_first_ones_stay_and_the_one_at_the_edge_gets_the_rest() {
        assert_eq!(allot(&[40, 40, 40, 40], 100), [40, 40, 20]);
        assert_eq!(allot(&[40, 40], 100), [40, 40]);
        assert_eq!(allot(&[], 100), [0; 0]);
    }

    #[test]
    fn an_oversized_one_leaves_room_for_the_next() {
        assert_eq!(allot(&[10_000, 200, 50], 1000), [750, 200, 50]);
        assert_eq!(allot(&[9000; 9], 1000), [250; 4]);
    }
}
