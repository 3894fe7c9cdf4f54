//! The programs do their work when nobody listens. A process of its own: a thread without a subscriber may switch off call
//! sites for a while that another thread's subscriber wants.

use foreign::stack::runtime;
use foreign::{Outcome, genai_chat, rig_agent, server};

#[test]
fn the_programs_work() -> Outcome {
    runtime().block_on(async {
        let server = server::serve().await?;
        rig_agent::Program::new(server).telling_outcome().all().await?;
        genai_chat::Program::new(server).all().await
    })
}
