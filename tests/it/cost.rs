//! Cost: given or by a price table, and its sums.

use insta::assert_snapshot;
use tracing::info_span;
use tracing_genai::activity::{Cost, Turn, Usage, Workflow};
use tracing_genai::{Price, PriceTable, PriceTableErrorKind};

use crate::support::{Recorder, attribute, record};
use crate::usage::{call, counted, usage};

/// Runs `work` with a price table, and gives what was recorded.
fn record_with(prices: PriceTable, work: impl FnOnce()) -> Recorder {
    let recorder = Recorder::default();
    let tracer = recorder.tracer().with_prices(prices);
    counted(&tracer, work);
    recorder
}

#[test]
fn costs_are_summed_by_currency_and_never_look_complete_if_they_are_not() {
    let priced = |total: f64, currency: &str| {
        let turn = Turn::chat("openai", "m").start();
        turn.usage(Usage::new(1, 1)).cost(Cost::provider(total, currency)).finish();
    };
    let recorder = record(|| {
        Workflow::new("whole").start().in_scope(|| {
            priced(0.1, "USD");
            Turn::chat("openai", "m").start().cost(Cost::user(0.2, "USD")).finish();
            // Failed before anything was counted.
            Turn::chat("openai", "m").start().fail_with("429");
        });
        Workflow::new("lacking").start().in_scope(|| {
            priced(0.1, "USD");
            call(1, 1);
        });
        Workflow::new("mixed").start().in_scope(|| {
            priced(0.1, "USD");
            priced(0.1, "EUR");
            priced(0.1, "USD");
        });
        Workflow::new("unknown").start().in_scope(|| call(1, 1));
    });
    let cost = |name: &str| {
        let text = usage(&recorder.span(name));
        text.lines().filter(|line| line.contains("cost")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(cost("invoke_workflow whole"), @r#"
    agentic.usage.cost.currency = "USD"
    agentic.usage.cost.total = 0.3
    "#);
    assert_snapshot!(cost("invoke_workflow lacking"), @r#"
    agentic.usage.cost.currency = "USD"
    agentic.usage.cost.incomplete = true
    agentic.usage.cost.total = 0.1
    "#);
    assert_snapshot!(cost("invoke_workflow mixed"), @"agentic.usage.cost.incomplete = true");
    assert_snapshot!(cost("invoke_workflow unknown"), @"");
}

#[test]
fn a_cost_that_is_none_is_refused_and_counted() {
    for (total, currency, refused) in
        [(f64::NAN, "USD", 1), (-0.01, "USD", 1), (0.01, "dollars", 1), (0.01, "usd", 1), (-0.01, "", 2)]
    {
        let recorder = Recorder::default();
        let tracer = recorder.tracer();
        let stats = counted(&tracer, || {
            Turn::chat("openai", "m").start().cost(Cost::user(total, currency)).finish();
        });
        assert_eq!(usage(&recorder.span("chat m")), "", "{total} {currency}");
        let omitted_when_empty = u64::from(currency.is_empty());
        assert_eq!(stats.refused_values + omitted_when_empty, refused, "{total} {currency}");
    }
}

fn prices() -> PriceTable {
    serde_json::from_str(
        r#"{
            "currency": "EUR",
            "prices": [
                {"provider": "openai", "model": "gpt-4o", "input": 2.5, "output": 10, "cache_read": 1.25},
                {"provider": "openai", "model": "gpt-4o*", "input": 99, "output": 99},
                {"provider": "openai", "model": "gpt-4o-mini*", "input": 0.15, "output": 0.6},
                {"provider": "Anthropic", "model": "sonnet", "input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75},
                {"provider": "openai", "model": "embed", "input": 0.02}
            ]
        }"#,
    )
    .expect("a price table")
}

#[test]
fn a_price_table_charges_every_class_once() {
    #[rustfmt::skip]
    let vectors = [
        // provider    requested       answered                usage                                                           cost
        ("openai",     "gpt-4o",       "",                     Usage::new(1000, 100),                                          Some("0.0035")),
        ("OpenAI",     "gpt-4o",       "gpt-4o",               Usage::new(1000, 100).cache_read(800).reasoning(50),            Some("0.0025")),
        ("openai",     "gpt-4o",       "gpt-4o-2024-08-06",    Usage::new(1000, 0),                                            Some("0.099")),
        ("openai",     "auto",         "gpt-4o-mini-2024",     Usage::new(1000, 100),                                          Some("0.00021")),
        ("openai",     "gpt-4o",       "o9",                   Usage::new(1000, 0),                                            Some("0.0025")),
        ("anthropic",  "sonnet",       "",                     Usage::without_cache(20, 7).cache_read(1000).cache_write(80),   Some("0.000765")),
        ("anthropic",  "sonnet",       "",                     Usage::new(0, 0),                                               Some("0")),
        ("openai",     "gpt-4o",       "",                     Usage::new(1000, 100).cache_write(10),                          None), // no price for the class
        ("openai",     "gpt-4o",       "",                     Usage::input_only(1000),                                        None), // not all of it is known
        ("openai",     "gpt-4o",       "",                     Usage::new(10, 1).cache_read(11),                               None), // contradicts itself
        ("openai",     "unheard-of",   "",                     Usage::new(1000, 100),                                          None),
        ("elsewhere",  "gpt-4o",       "",                     Usage::new(1000, 100),                                          None),
    ];
    for (provider, model, answered, tokens, cost) in vectors {
        let recorder = record_with(prices(), || {
            Turn::chat(provider, model).start().response_model(answered).usage(tokens).finish();
        });
        let turn = recorder.span(&format!("chat {model}"));
        assert_eq!(attribute(&turn, "agentic.cost.total").as_deref(), cost, "{provider} {model} {answered}");
        let said = |key: &str| attribute(&turn, key);
        assert_eq!(said("agentic.cost.currency").as_deref(), cost.map(|_| "\"EUR\""));
        assert_eq!(said("agentic.cost.source").as_deref(), cost.map(|_| "\"price_table\""));
    }
}

#[test]
fn a_price_table_prices_embeddings_and_fields_keeps_what_is_given_and_marks_estimates() {
    let recorder = record_with(prices(), || {
        Workflow::new("w").start().in_scope(|| {
            info_span!(
                "embed",
                gen_ai.operation.name = "embeddings",
                gen_ai.provider.name = "openai",
                gen_ai.request.model = "embed",
                gen_ai.usage.input_tokens = 1_000_000_u64,
            )
            .in_scope(|| ());
            let turn = Turn::chat("openai", "gpt-4o").start();
            turn.usage(Usage::new(1000, 100)).cost(Cost::provider(0.5, "EUR")).finish();
            Turn::chat("openai", "gpt-4o-mini").start().usage(Usage::new(1000, 100).estimated()).finish();
        });
    });
    assert_snapshot!(usage(&recorder.span("embeddings embed")), @r#"
    agentic.cost.currency = "EUR"
    agentic.cost.source = "price_table"
    agentic.cost.total = 0.02
    gen_ai.usage.input_tokens = 1000000
    "#);
    assert_snapshot!(usage(&recorder.span("chat gpt-4o")), @r#"
    agentic.cost.currency = "EUR"
    agentic.cost.source = "provider"
    agentic.cost.total = 0.5
    gen_ai.usage.input_tokens = 1000
    gen_ai.usage.output_tokens = 100
    "#);
    assert_snapshot!(usage(&recorder.span("chat gpt-4o-mini")), @r#"
    agentic.cost.currency = "EUR"
    agentic.cost.source = "price_table"
    agentic.cost.total = 0.00021
    agentic.usage.estimated = true
    gen_ai.usage.input_tokens = 1000
    gen_ai.usage.output_tokens = 100
    "#);
    assert_snapshot!(usage(&recorder.span("invoke_workflow w")), @r#"
    agentic.usage.cost.currency = "EUR"
    agentic.usage.cost.total = 0.52021
    agentic.usage.estimated = true
    agentic.usage.input_tokens = 1002000
    agentic.usage.output_tokens = 200
    agentic.usage.turns = 2
    "#);
}

#[test]
fn a_bad_price_table_says_what_to_mend() {
    let read = |json: &str| serde_json::from_str::<PriceTable>(json).expect_err(json).to_string();
    assert_snapshot!(read(r#"{"currency": "$", "prices": []}"#), @r#"bad currency "$": give an ISO 4217 code, three capital letters like USD"#);
    assert_snapshot!(
        read(r#"{"currency": "USD", "prices": [{"provider": "a", "model": "m", "input": -1, "output": 2}]}"#),
        @"bad price -1 of a m: give a number from 0, per million tokens"
    );
    assert_snapshot!(
        read(r#"{"currency": "USD", "prices": [{"provider": "a", "model": "m", "input": 1, "outptu": 2}]}"#),
        @"unknown field `outptu`, expected one of `provider`, `model`, `input`, `output`, `cache_read`, `cache_write` at line 1 column 83"
    );
    let price = Price::new(1.0, 2.0);
    let table = || PriceTable::new("USD").expect("a currency").with_price("a", "m*", price).expect("a price");
    let kinds = [
        PriceTable::new("usd").map(drop),
        table().with_price("a", "m*", price).map(drop),
        table().with_price("a", "", price).map(drop),
        table().with_price("a", "n", Price::new(f64::INFINITY, 1.0)).map(drop),
    ]
    .map(|result| result.expect_err("it is bad").kind());
    use PriceTableErrorKind::{Currency, Duplicate, Model, Price as Number};
    assert_eq!(kinds, [Currency, Duplicate, Model, Number]);
}
