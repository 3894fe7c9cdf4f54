//! The two stacks, over OTLP.

use std::net::SocketAddr;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Runtime;
use tracing_genai::pipeline::{Pipeline, Protocol, Telemetry};
use tracing_subscriber::layer::SubscriberExt;

use crate::{Outcome, stack};

/// A stack that is set as the program's.
pub enum Installed {
    Before(SdkTracerProvider),
    After(Telemetry),
}

/// Sets the stack of that name: `before` or `after`.
pub fn install(name: Option<String>, server: SocketAddr, runtime: &Runtime) -> Outcome<Installed> {
    let registry = tracing_subscriber::registry().with(stack::filter());
    match name.as_deref() {
        Some("before") => {
            let _runtime = runtime.enter();
            let exporter = SpanExporter::builder().with_tonic().build()?;
            let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("before"));
            tracing::subscriber::set_global_default(registry.with(layer))?;
            Ok(Installed::Before(provider))
        }
        Some("after") => {
            let telemetry = Pipeline::builder()
                .with_protocol(Protocol::Grpc)
                .with_default_attributes(stack::facts(server))
                .build()?;
            tracing::subscriber::set_global_default(registry.with(telemetry.layer()))?;
            Ok(Installed::After(telemetry))
        }
        _ => Err("say before or after".into()),
    }
}

impl Installed {
    /// Runs `program`, and sends what it recorded.
    pub fn run(self, runtime: &Runtime, program: impl Future<Output = Outcome>) -> Outcome {
        runtime.block_on(program)?;
        match self {
            // Its exporter needs the runtime running.
            Self::Before(provider) => {
                runtime.block_on(async { Ok(tokio::task::spawn_blocking(move || provider.shutdown()).await??) })
            }
            Self::After(telemetry) => {
                println!("{:?}", telemetry.shutdown());
                Ok(())
            }
        }
    }
}
