use super::*;

fn span(place: (&str, &str), kind: SpanKind, operation: &str, usage: &[(&str, i64)]) -> ReceivedSpan {
    let (id, parent) = place;
    let mut attributes = vec![(attr::GEN_AI_OPERATION_NAME.to_owned(), AttributeValue::Str(operation.to_owned()))];
    attributes.extend(usage.iter().map(|(key, count)| ((*key).to_owned(), AttributeValue::Int(*count))));
    ReceivedSpan {
        trace_id: "t".to_owned(),
        span_id: id.to_owned(),
        parent_span_id: (!parent.is_empty()).then(|| parent.to_owned()),
        name: format!("{operation} {id}"),
        kind,
        attributes,
        ..ReceivedSpan::default()
    }
}

const IN: &str = "gen_ai.usage.input_tokens";
const CACHED: &str = "gen_ai.usage.cache_read.input_tokens";
const COST: &str = "agentic.cost.total";

fn errors(spans: &[ReceivedSpan]) -> Vec<String> {
    usage_errors(spans).iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_conventions_allow_is_no_error() {
    let spans = [
        span(("w", ""), SpanKind::Internal, "invoke_workflow", &[("agentic.usage.input_tokens", 60)]),
        span(("a", "w"), SpanKind::Internal, "invoke_agent", &[(IN, 30)]),
        span(("1", "a"), SpanKind::Client, "chat", &[(IN, 10), (CACHED, 5)]),
        span(("2", "a"), SpanKind::Client, "chat", &[(IN, 20)]),
        span(("t", "a"), SpanKind::Internal, "execute_tool", &[]),
        span(("3", "t"), SpanKind::Client, "chat", &[(IN, 7)]),
        span(("b", "t"), SpanKind::Internal, "invoke_agent", &[(IN, 9)]),
        span(("4", "b"), SpanKind::Client, "chat", &[(IN, 9)]),
        span(("r", "w"), SpanKind::Client, "invoke_agent", &[(IN, 14), (CACHED, 3), (COST, 1)]),
        span(("5", "r"), SpanKind::Client, "chat", &[(IN, 14), (CACHED, 3), (COST, 1)]),
    ];
    assert_eq!(errors(&spans), [] as [&str; 0]);
}

#[test]
fn keys_repeated_on_an_ancestor_are_found_at_any_distance() {
    let spans = [
        span(("w", ""), SpanKind::Internal, "invoke_workflow", &[(IN, 10)]),
        span(("a", "w"), SpanKind::Internal, "invoke_agent", &[(IN, 10), (CACHED, 5), (COST, 1)]),
        span(("1", "a"), SpanKind::Client, "chat", &[(IN, 10), (CACHED, 5), (COST, 1)]),
    ];
    assert_eq!(
        errors(&spans),
        [
            r#"gen_ai.usage.input_tokens of "invoke_agent a" is also on its ancestor "invoke_workflow w""#,
            r#"agentic.cost.total of "chat 1" is also on its ancestor "invoke_agent a""#,
            r#"gen_ai.usage.cache_read.input_tokens of "chat 1" is also on its ancestor "invoke_agent a""#,
            r#"gen_ai.usage.input_tokens of "chat 1" is also on its ancestor "invoke_workflow w""#,
        ]
    );
}

#[test]
fn a_total_that_is_not_the_sum_is_found() {
    let spans = [
        span(("a", ""), SpanKind::Internal, "invoke_agent", &[(IN, 37)]),
        span(("1", "a"), SpanKind::Client, "chat", &[(IN, 30)]),
        span(("t", "a"), SpanKind::Internal, "execute_tool", &[]),
        span(("2", "t"), SpanKind::Client, "chat", &[(IN, 7)]),
    ];
    assert_eq!(errors(&spans), [r#"gen_ai.usage.input_tokens of "invoke_agent a" is 37, its own turns have 30"#]);
}

#[test]
fn parents_in_a_circle_and_names_that_forge_lines_do_no_harm() {
    let mut spans = [
        span(("a", "b"), SpanKind::Internal, "plan", &[(IN, 1)]),
        span(("b", "a"), SpanKind::Internal, "plan", &[(IN, 1)]),
    ];
    spans[0].name = "plan\nall is well".to_owned();
    let found = errors(&spans);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|line| !line.contains('\n')), "{found:?}");
}
