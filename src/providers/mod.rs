//! What providers' requests and replies say: model, tokens, finish reasons, errors, messages; one wire format a file.
//!
//! Whoever calls a provider hands over the JSON as it is. Nothing has to be picked out by hand, and nothing that a
//! provider counts in its own way gets onto a span in that way:
//!
//! ```
//! use serde_json::json;
//! use tracing_genai::providers::{Response, WireFormat};
//!
//! let reply = json!({
//!     "id": "msg_01", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
//!     "content": [{"type": "text", "text": "In Lisbon."}], "stop_reason": "end_turn",
//!     "usage": {"input_tokens": 20, "cache_read_input_tokens": 1000, "output_tokens": 7}
//! });
//! let response = Response::from_json("anthropic", &reply);
//! assert_eq!(response.format(), WireFormat::AnthropicMessages);
//! assert_eq!(response.usage().input_tokens(), Some(1020)); // with the cache, as the conventions count
//! assert_eq!(response.finish_reasons().collect::<Vec<_>>(), ["stop"]);
//! ```
//!
//! What is missing stays missing: no zero stands for a number that the provider did not tell. Unknown fields are ignored;
//! a field of a wrong type is left out and counted ([`Response::skipped`]).
//!
//! | | |
//! |---|---|
//! | [`Request`] | what is asked: model, sampling parameters, tools, messages |
//! | [`Response`] | what is answered |
//! | [`StreamDecoder`] | the same of an answer that comes in pieces |
//! | [`ErrorKind`] | what failed, in one word for all providers |
//! | [`Usage`] | tokens, as the conventions count them |

mod anthropic_messages;
mod anthropic_stream;
mod bedrock_converse;
mod bedrock_invoke;
mod bedrock_stream;
mod cohere_chat;
mod cohere_embed;
mod cohere_stream;
mod error_kind;
mod error_rows;
#[cfg(test)]
mod errors_page;
mod facts;
mod fields;
mod finish_reason;
#[cfg(test)]
mod fixture;
mod format;
mod gemini;
mod gemini_embeddings;
mod gemini_stream;
mod ollama_chat;
mod ollama_embed;
mod ollama_stream;
mod openai_agents;
mod openai_chat;
mod openai_chat_stream;
mod openai_completions;
mod openai_embeddings;
mod openai_error;
mod openai_items;
mod openai_responses;
mod openai_responses_stream;
#[cfg(test)]
mod openai_tests;
mod openai_usage;
mod place;
mod read;
#[cfg(test)]
mod replies_tests;
mod request;
mod response;
mod stream;
mod usage;

pub use error_kind::ErrorKind;
pub use format::WireFormat;
pub use read::{MAX_DEPTH, ReadError, Reading, read};
pub use request::Request;
pub use response::Response;
pub use stream::StreamDecoder;
pub use usage::Usage;
