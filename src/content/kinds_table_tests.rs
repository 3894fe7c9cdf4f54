//! The table of kinds in this room's documentation lists what there is.

use super::Kind;

const DOCS: &str = include_str!("mod.rs");

/// Where activities say by which setter an item comes.
const SETTERS: &str = include_str!("../activity/content.rs");

/// The cells of a kind's row.
fn row(kind: Kind) -> Vec<&'static str> {
    let start = format!("//! | `{kind:?}` |");
    let row = DOCS.lines().find(|line| line.starts_with(&start));
    row.unwrap_or_else(|| panic!("{kind:?} has no row")).split('|').map(str::trim).skip(1).collect()
}

#[test]
fn every_kind_has_its_row() {
    for kind in Kind::all() {
        let (attribute, form) = (format!("`{}`", kind.attribute()), format!("{:?}", kind.shape()).to_lowercase());
        let side = format!("{:?}", kind.side()).to_lowercase();
        assert_eq!(row(kind)[1..4], [attribute, form, side], "{kind:?}");
    }
    let rows = DOCS.lines().filter(|line| line.starts_with("//! | `") && line.contains("put |"));
    assert_eq!(rows.count(), Kind::all().count());
}

#[test]
fn every_setter_is_in_the_row_of_its_kind() {
    let mut found = 0;
    for line in SETTERS.lines().filter(|line| line.contains("_with: ")) {
        let named = Kind::all().find(|kind| line.ends_with(&format!("=> {kind:?},")));
        if let (Some(kind), Some((setter, _))) = (named, line.trim().split_once(',')) {
            assert_eq!(row(kind)[4], format!("`{setter}`"), "{kind:?}");
            found += 1;
        }
    }
    assert!(found > 40, "the setters are read: {found}");
}
