//! The agent: one turn over a long conversation, one tool. It hands over all the content it has, every time; what
//! becomes of that is decided elsewhere.

use serde_json::json;
use tracing_genai::activity::{Operation, Tool, Turn, Usage};
use tracing_genai::content::{Message, Part, ToolDefinition};

/// What is personal, secret and large in it.
pub(crate) const CUSTOMER: &str = "ada.king@example.org";
pub(crate) const API_KEY: &str = "sk-shop-k3Jx9QpVt7Lm2WzR8bNc4Ys6";
pub(crate) const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// How many spans there are.
pub(crate) const SPANS: u64 = 3;

pub(crate) fn answer() {
    let history = conversation();
    let agent = Operation::prompt("support").conversation("ticket-2041").start();
    agent.in_scope(|| {
        let turn = Turn::chat("openai", "gpt-4o-mini").start();
        turn.system_instructions("You answer the customers of a shop.")
            .input_messages(&history)
            // Made only where it is wanted.
            .tool_definitions_with(|| [ToolDefinition::function("find_invoice").description("Finds an invoice.")]);
        let call = Part::tool_call("call_1", "find_invoice", json!({"customer": CUSTOMER}));
        let reply = [Message::assistant(draft()).part(call).finish_reason("tool_call")];
        turn.output_messages(&reply).usage(Usage::new(19_500, 3_100)).finish_reason("tool_call").finish();

        let tool = Tool::new("find_invoice").call_id("call_1").start();
        tool.arguments(&json!({"customer": CUSTOMER, "api_key": API_KEY}));
        let scan = format!("data:image/png;base64,{PICTURE}");
        tool.result(&json!({"invoice": "INV-2041", "amount": 38.4, "scan": scan})).finish();
    });
    agent.finish();
}

/// About 70 KiB. A real agent keeps the messages from turn to turn: each is written as JSON once.
fn conversation() -> Vec<Message> {
    let mut messages = vec![Message::system("Be brief. Never promise a refund.")];
    for number in 1..=60 {
        messages.push(Message::user(format!("Question {number}: {}", "and what about the invoice? ".repeat(20))));
        messages.push(Message::assistant(format!("Answer {number}: {}", "it is in the books. ".repeat(25))));
    }
    let last = format!("I am {CUSTOMER}, my key is {API_KEY}. Which invoice is this?");
    messages.push(Message::user(last).part(Part::blob("image", "image/png", PICTURE)));
    messages
}

/// A long answer: about 12 KiB.
fn draft() -> String {
    format!(
        "I look that up. Until then, this is the draft of a letter. {}",
        "Dear customer, we are on it. ".repeat(400)
    )
}
