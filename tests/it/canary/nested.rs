//! Canaries in any choice of what stays in, at any place of any tree.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tracing::info_span;
use tracing_genai::activity::{Compaction, CompactionTrigger, Operation, Task, Tool, Turn, Workflow};
use tracing_genai::pipeline::Protocol;

use super::fields::{CANARY, sing};
use super::plant::Plant;
use super::{Stage, rows};

/// One level of a tree: what it is, what is planted in it, and whether the rest goes below it or beside.
#[derive(Clone, Debug)]
struct Level {
    around: u8,
    plants: Vec<usize>,
    goes_deeper: bool,
}

fn level() -> impl Strategy<Value = Level> {
    let plants = proptest::collection::vec(any::<usize>(), 0..4);
    (any::<u8>(), plants, any::<bool>()).prop_map(|(around, plants, goes_deeper)| Level { around, plants, goes_deeper })
}

fn inside(around: u8, work: impl FnOnce()) {
    match around % 8 {
        0 => Workflow::new("w").start().in_scope(work),
        1 => Operation::prompt("a").start().in_scope(work),
        2 => Tool::new("t").start().in_scope(work),
        3 => Task::new("b").start().in_scope(work),
        4 => Turn::chat("openai", "m").start().in_scope(work),
        5 => Compaction::new(CompactionTrigger::Auto).start().in_scope(work),
        6 => info_span!("plain").in_scope(work),
        _ => info_span!("x", gen_ai.operation.name = "execute_tool", gen_ai.tool.name = "t").in_scope(work),
    }
}

fn grow(levels: &[Level], plants: &[fn(&str)]) {
    let Some((level, rest)) = levels.split_first() else { return };
    inside(level.around, || {
        level.plants.iter().for_each(|plant| plants[plant % plants.len()](CANARY));
        if level.goes_deeper {
            grow(rest, plants);
        }
    });
    if !level.goes_deeper {
        grow(rest, plants);
    }
}

#[test]
fn no_canary_leaves_any_tree() {
    let mut plants: Vec<fn(&str)> = vec![|_| sing()];
    plants.extend(rows().filter(|row| row.leaves.is_empty()).filter_map(|row| match row.plant {
        Plant::Work(work) => Some(work),
        _ => None,
    }));
    let stage = Stage::new(Protocol::Grpc, |builder| builder.with_max_queue_size(10_000));
    let mut runner = TestRunner::new(Config::with_cases(48));
    let result = runner.run(&proptest::collection::vec(level(), 1..9), |levels| {
        let places = stage.run(CANARY, || Workflow::new("root").start().in_scope(|| grow(&levels, &plants)));
        prop_assert!(places.is_empty(), "{places:#?}");
        Ok(())
    });
    assert!(result.is_ok(), "{}", result.expect_err("failed"));
}
