//! `OTEL_TRACES_SAMPLER` and its argument.

use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use super::env::Env;
use super::error::{InitError, Origin};

const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";

/// The sampler `env` names; `parentbased_always_on` if it names none.
pub(crate) fn sampler(env: &Env) -> Result<Box<dyn ShouldSample>, InitError> {
    let named = env.get(SAMPLER)?;
    let name = named.as_deref().unwrap_or("parentbased_always_on");
    let (base, parent_based) = match name.strip_prefix("parentbased_") {
        Some(base) => (base, true),
        None => (name, false),
    };
    let sampler = match base {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => Sampler::TraceIdRatioBased(ratio(env)?),
        _ => {
            let mend = "use always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off or \
                        parentbased_traceidratio";
            return Err(Origin::Variable(SAMPLER).refuse(name, mend));
        }
    };
    Ok(match parent_based {
        true => Box::new(Sampler::ParentBased(Box::new(sampler))),
        false => Box::new(sampler),
    })
}

/// The sampled share, 0.0 to 1.0; 1.0 if unset.
fn ratio(env: &Env) -> Result<f64, InitError> {
    const MEND: &str = "write a ratio from 0 to 1, for example 0.25";
    let ratio = env.parse::<f64>(&[ARGUMENT], MEND)?.unwrap_or(1.0);
    match (0.0..=1.0).contains(&ratio) {
        true => Ok(ratio),
        false => Err(Origin::Variable(ARGUMENT).refuse(&ratio.to_string(), MEND)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arguments() {
        #[rustfmt::skip]
        let cases = [
            ("",                         "",     "ParentBased(AlwaysOn)"),
            ("always_on",                "",     "AlwaysOn"),
            ("always_off",               "x",    "AlwaysOff"),
            ("traceidratio",             "0.25", "TraceIdRatioBased(0.25)"),
            ("traceidratio",             "",     "TraceIdRatioBased(1.0)"),
            ("parentbased_always_off",   "",     "ParentBased(AlwaysOff)"),
            ("parentbased_traceidratio", "0",    "ParentBased(TraceIdRatioBased(0.0))"),
        ];
        for (name, argument, expected) in cases {
            let env = Env::from_iter([(SAMPLER, name), (ARGUMENT, argument)]);
            assert_eq!(format!("{:?}", sampler(&env).unwrap()), expected);
        }
    }

    #[test]
    fn refusals_name_variable_and_value() {
        #[rustfmt::skip]
        let cases = [
            ("jaeger_remote", "",     "\"jaeger_remote\" in OTEL_TRACES_SAMPLER"),
            ("xray",          "",     "\"xray\" in OTEL_TRACES_SAMPLER"),
            ("traceidratio",  "1.5",  "\"1.5\" in OTEL_TRACES_SAMPLER_ARG"),
            ("traceidratio",  "NaN",  "\"NaN\" in OTEL_TRACES_SAMPLER_ARG"),
            ("traceidratio",  "half", "\"half\" in OTEL_TRACES_SAMPLER_ARG"),
        ];
        for (name, argument, expected) in cases {
            let env = Env::from_iter([(SAMPLER, name), (ARGUMENT, argument)]);
            let error = sampler(&env).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
