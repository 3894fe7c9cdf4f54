//! A price table of the application: what a turn cost, where nobody else says.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;

use crate::rules::rollup::Part;
use crate::rules::{FieldId, providers};
use crate::semconv::{attr, value::agentic_cost_source as source};
use crate::span::attributes::Attributes;
use crate::span::usage::cost::{Currency, from_units, is_amount, to_units};

const PROVIDER: FieldId = FieldId::of(attr::GEN_AI_PROVIDER_NAME);
const REQUEST_MODEL: FieldId = FieldId::of(attr::GEN_AI_REQUEST_MODEL);
const RESPONSE_MODEL: FieldId = FieldId::of(attr::GEN_AI_RESPONSE_MODEL);
const INPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_INPUT_TOKENS);
const OUTPUT: FieldId = FieldId::of(attr::GEN_AI_USAGE_OUTPUT_TOKENS);
const CACHE_READ: FieldId = FieldId::of(attr::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS);
const CACHE_WRITE: FieldId = FieldId::of(attr::GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS);
const TOTAL: FieldId = FieldId::of(attr::AGENTIC_COST_TOTAL);
const CURRENCY: FieldId = FieldId::of(attr::AGENTIC_COST_CURRENCY);
const SOURCE: FieldId = FieldId::of(attr::AGENTIC_COST_SOURCE);

/// Prices are per so many tokens.
const TOKENS: f64 = 1e6;

/// Prices of models, in one currency; [`GenAiTracer::with_prices`](crate::GenAiTracer::with_prices) takes it.
///
/// A turn, or a call for embeddings, that ends with its tokens and without a cost gets `agentic.cost.total`,
/// `agentic.cost.currency` and `agentic.cost.source = price_table`. The price is looked up by provider and model: the
/// model that answered, else the one requested; the model as it is, else the longest name with a `*` at its end that
/// it begins like.
///
/// Cache reads and writes are part of the input tokens: each class is charged once, at its own price. Reasoning is
/// part of the output. A model without price, tokens of a class without price, and numbers that contradict each other
/// have no cost; it is absent, not 0.
///
/// ```
/// use tracing_genai::{GenAiTracer, Price, PriceTable};
///
/// # let tracer = opentelemetry::trace::noop::NoopTracer::new();
/// let prices = PriceTable::new("USD")?
///     .with_price("openai", "gpt-4o", Price::new(2.50, 10.00).cache_read(1.25))?
///     .with_price("anthropic", "claude-sonnet-4*", Price::new(3.00, 15.00).cache_read(0.30).cache_write(3.75))?
///     .with_price("openai", "text-embedding-3-small", Price::input_only(0.02))?;
/// let tracer = GenAiTracer::new(tracer).with_prices(prices);
/// # Ok::<(), tracing_genai::PriceTableError>(())
/// ```
///
/// With serde it is read from JSON, TOML or whatever the application has, unknown keys refused:
///
/// ```
/// let prices: tracing_genai::PriceTable = serde_json::from_str(r#"{
///     "currency": "USD",
///     "prices": [
///         {"provider": "openai", "model": "gpt-4o", "input": 2.5, "output": 10, "cache_read": 1.25},
///         {"provider": "openai", "model": "text-embedding-3-small", "input": 0.02}
///     ]
/// }"#)?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Listed")]
pub struct PriceTable {
    currency: Currency,
    /// By provider.
    providers: HashMap<String, Models>,
}

/// Prices per million tokens of one model.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use = "a price has to be put into a table"]
pub struct Price {
    input: f64,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
}

impl Price {
    /// `input` for tokens that neither came from nor went into a cache, `output` for all output.
    pub fn new(input: f64, output: f64) -> Self {
        Self { output: Some(output), ..Self::input_only(input) }
    }

    /// That of a model without output: embeddings.
    pub fn input_only(input: f64) -> Self {
        Self { input, output: None, cache_read: None, cache_write: None }
    }

    /// For input that came from the provider's cache. Without it a turn that read from the cache has no cost.
    pub fn cache_read(self, price: f64) -> Self {
        Self { cache_read: Some(price), ..self }
    }

    /// For input that went into the provider's cache. Without it a turn that wrote to the cache has no cost.
    pub fn cache_write(self, price: f64) -> Self {
        Self { cache_write: Some(price), ..self }
    }
}

/// Why a [`PriceTable`] was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PriceTableError {
    kind: PriceTableErrorKind,
    message: String,
}

/// The kinds of [`PriceTableError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PriceTableErrorKind {
    /// The currency is not three capital letters.
    Currency,
    /// A price is negative or not finite.
    Price,
    /// Provider or model is empty.
    Model,
    /// The model has a price already.
    Duplicate,
}

impl PriceTableError {
    /// What is wrong.
    pub fn kind(&self) -> PriceTableErrorKind {
        self.kind
    }

    fn new(kind: PriceTableErrorKind, message: String) -> Self {
        Self { kind, message }
    }
}

impl PriceTable {
    /// A table without prices.
    ///
    /// # Errors
    /// If `currency` is not an ISO 4217 code: three capital letters.
    pub fn new(currency: &str) -> Result<Self, PriceTableError> {
        let currency = Currency::parse(currency).ok_or_else(|| {
            let message = format!("bad currency {currency:?}: give an ISO 4217 code, three capital letters like USD");
            PriceTableError::new(PriceTableErrorKind::Currency, message)
        })?;
        Ok(Self { currency, providers: HashMap::new() })
    }

    /// Adds the price of a model, or with a `*` at the end of `model` of all models whose names begin so. `provider` is
    /// a value of `gen_ai.provider.name`; usual spellings are recognised, as on spans.
    ///
    /// # Errors
    /// If a price is negative or not finite, a name is empty, or the model has a price already.
    pub fn with_price(mut self, provider: &str, model: &str, price: Price) -> Result<Self, PriceTableError> {
        if provider.is_empty() || model.is_empty() {
            let message = format!("a price for provider {provider:?} and model {model:?}: give both a name");
            return Err(PriceTableError::new(PriceTableErrorKind::Model, message));
        }
        let rate = Rate::of(price).map_err(|bad| {
            let message = format!("bad price {bad} of {provider} {model}: give a number from 0, per million tokens");
            PriceTableError::new(PriceTableErrorKind::Price, message)
        })?;
        let models = self.providers.entry(well_known(provider).to_owned()).or_default();
        if models.insert(model, rate) {
            return Ok(self);
        }
        let message = format!("two prices of {provider} {model}: give one");
        Err(PriceTableError::new(PriceTableErrorKind::Duplicate, message))
    }

    /// Gives a span that ends its cost, unless it has one or the price is not known.
    pub(crate) fn complete(&self, asked: &Asked, part: Part, attributes: &mut Attributes) {
        if attributes.has(TOTAL) {
            return;
        }
        // What came late first: many crates record provider and model when they know them.
        let provider = attributes.text(PROVIDER).or(asked.provider.as_deref());
        let Some(models) = provider.and_then(|provider| self.providers.get(provider)) else { return };
        let answered = attributes.text(RESPONSE_MODEL).and_then(|model| models.get(model));
        let requested = || attributes.text(REQUEST_MODEL).or(asked.model.as_deref());
        let rate = answered.or_else(|| models.get(requested()?));
        let units = rate.zip(Counted::of(attributes, part)).and_then(|(rate, tokens)| rate.charge(&tokens));
        if let Some(units) = units {
            attributes.set(TOTAL, from_units(units));
            attributes.set(CURRENCY, self.currency.text());
            attributes.set(SOURCE, source::PRICE_TABLE);
        }
    }
}

fn well_known(provider: &str) -> &str {
    providers::well_known(provider).unwrap_or(provider)
}

/// What a span says of its model when it starts: it goes to the tracer below, and is gone at the end.
#[derive(Debug)]
pub(crate) struct Asked {
    provider: Option<String>,
    model: Option<String>,
}

impl Asked {
    pub(crate) fn of(start: &Attributes) -> Box<Self> {
        let text = |id| start.text(id).map(str::to_owned);
        Box::new(Self { provider: text(PROVIDER), model: text(REQUEST_MODEL) })
    }
}

/// The models of one provider.
#[derive(Clone, Debug, Default)]
struct Models {
    exact: HashMap<String, Rate>,
    /// Longest first.
    prefixes: Vec<(String, Rate)>,
}

impl Models {
    /// `false` if it has one already.
    fn insert(&mut self, model: &str, rate: Rate) -> bool {
        let Some(prefix) = model.strip_suffix('*') else {
            return match self.exact.entry(model.to_owned()) {
                Entry::Occupied(_) => false,
                Entry::Vacant(free) => {
                    free.insert(rate);
                    true
                }
            };
        };
        if self.prefixes.iter().any(|(other, _)| other == prefix) {
            return false;
        }
        let place = self.prefixes.partition_point(|(other, _)| other.len() >= prefix.len());
        self.prefixes.insert(place, (prefix.to_owned(), rate));
        true
    }

    fn get(&self, model: &str) -> Option<&Rate> {
        let like = || self.prefixes.iter().find(|(prefix, _)| model.starts_with(prefix)).map(|(_, rate)| rate);
        self.exact.get(model).or_else(like)
    }
}

/// A [`Price`] per token, in the units that costs are counted in.
#[derive(Clone, Copy, Debug)]
struct Rate {
    input: i128,
    output: Option<i128>,
    cache_read: Option<i128>,
    cache_write: Option<i128>,
}

impl Rate {
    /// The bad price if it is one.
    fn of(price: Price) -> Result<Self, f64> {
        let rate = |price: f64| if is_amount(price) { Ok(to_units(price / TOKENS)) } else { Err(price) };
        Ok(Self {
            input: rate(price.input)?,
            output: price.output.map(rate).transpose()?,
            cache_read: price.cache_read.map(rate).transpose()?,
            cache_write: price.cache_write.map(rate).transpose()?,
        })
    }

    /// `None` if a class that was used has no price.
    fn charge(&self, tokens: &Counted) -> Option<i128> {
        let rows = [
            (tokens.input, Some(self.input)),
            (tokens.output, self.output),
            (tokens.cache_read, self.cache_read),
            (tokens.cache_write, self.cache_write),
        ];
        rows.into_iter().filter(|(tokens, _)| *tokens != 0).try_fold(0_i128, |total, (tokens, rate)| {
            Some(total.saturating_add(i128::from(tokens).saturating_mul(rate?)))
        })
    }
}

/// Tokens by the class they are charged as.
#[derive(Debug)]
struct Counted {
    /// Without those of the other two classes.
    input: i64,
    output: i64,
    cache_read: i64,
    cache_write: i64,
}

impl Counted {
    /// `None` if a number is missing or they contradict each other.
    fn of(attributes: &Attributes, part: Part) -> Option<Self> {
        let output = match attributes.int(OUTPUT) {
            None if part == Part::Turn => return None,
            output => output.unwrap_or_default(),
        };
        let cache_read = attributes.int(CACHE_READ).unwrap_or_default();
        let cache_write = attributes.int(CACHE_WRITE).unwrap_or_default();
        let input = attributes.int(INPUT)?.checked_sub(cache_read)?.checked_sub(cache_write)?;
        let tokens = Self { input, output, cache_read, cache_write };
        [input, output, cache_read, cache_write].iter().all(|tokens| *tokens >= 0).then_some(tokens)
    }
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    currency: String,
    prices: Vec<ListedPrice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedPrice {
    provider: String,
    model: String,
    input: f64,
    output: Option<f64>,
    cache_read: Option<f64>,
    cache_write: Option<f64>,
}

impl TryFrom<Listed> for PriceTable {
    type Error = PriceTableError;

    fn try_from(listed: Listed) -> Result<Self, PriceTableError> {
        listed.prices.into_iter().try_fold(Self::new(&listed.currency)?, |table, row| {
            let ListedPrice { provider, model, input, output, cache_read, cache_write } = row;
            table.with_price(&provider, &model, Price { input, output, cache_read, cache_write })
        })
    }
}
