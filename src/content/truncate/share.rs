//! Who gets how much of the room.

/// One of the oversized may be cut down to this part of the room, so that those behind it have some too.
const LEAST_PART: usize = 4;

/// Below this there is little use in sharing.
pub(super) const LEAST_SHARE: usize = 64;

/// The height to which all lengths have to be cut so that they fit into `room`, as water levels them; `usize::MAX` if
/// they fit as they are.
pub(super) fn level(lengths: &[usize], room: usize) -> usize {
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
