//! What the company remembers of its customers, in this process, and the answer it gave last time.

use std::sync::{Mutex, PoisonError};

use tracing_genai::activity::{FetchResponse, Memory};
use tracing_genai::content::{MemoryRecord, Message};

use crate::World;
use crate::model::ModelError;

const STORE: &str = "customers";

/// A memory with one record for each time that a customer wrote.
pub(crate) struct Customers(Mutex<Vec<Record>>);

struct Record {
    customer: &'static str,
    /// The answer then, by the identifier it has at the model's server.
    response: String,
}

impl Customers {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(vec![Record { customer: "acme", response: "resp_2016".to_owned() }]))
    }

    /// The last answer to `customer`, by its identifier.
    fn search(&self, customer: &str) -> Option<String> {
        let search = Memory::search().store(STORE).in_process().start();
        search.query(customer);
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<&Record> = records.iter().filter(|record| record.customer == customer).collect();
        search.records_with(|| {
            found.iter().map(|record| MemoryRecord::new(record.response.as_str())).collect::<Vec<_>>()
        });
        search.record_count(found.len() as u64).finish();
        found.last().map(|record| record.response.clone())
    }

    /// Remembers an answer to `customer`.
    pub(crate) fn upsert(&self, customer: &'static str, response: String) {
        let upsert = Memory::upsert().store(STORE).in_process().start();
        upsert.records_with(|| [MemoryRecord::new(response.as_str())]);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Record { customer, response });
        upsert.record_count(1).finish();
    }
}

/// What `customer` was told last time, if that can be found out.
pub(crate) async fn last_answer(customer: &str, world: &World) -> Option<String> {
    let id = world.customers.search(customer)?;
    let (address, port) = world.model.server();
    let fetch = FetchResponse::new("openai", &id).api_type("responses").server(address, port).start();
    match fetch.scope(world.model.fetch(&id)).await {
        Ok(kept) => {
            fetch.response_model(&kept.model).status(&kept.status).response_service_tier(&kept.service_tier);
            fetch.output_messages_with(|| [Message::assistant(kept.text())]);
            fetch.finish_reasons(["stop"]).finish();
            Some(kept.text())
        }
        Err(ModelError::Refused { code, .. }) => {
            fetch.fail_with(code.as_str());
            None
        }
        Err(error) => {
            fetch.fail(&error);
            None
        }
    }
}
