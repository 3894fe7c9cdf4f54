//! Parts of OpenAI's messages, of both of its formats → parts of the conventions' schema.
//!
//! ```text
//! {"type":"image_url","image_url":{"url":"https://…"}}        {"type":"input_image","image_url":"https://…"}
//! {"type":"input_audio","input_audio":{"data":"…","format":"wav"}}
//! {"type":"file","file":{"file_id":"…"}}                       {"type":"input_file","file_id":"…"}
//! {"type":"refusal","refusal":"…"}                             {"type":"output_text","text":"…"}
//! {"type":"thinking","thinking":[{"type":"text","text":"…"}]}  Mistral
//! ```

use serde_json::{Map, Value};

use crate::content::part::Part;

impl Part {
    /// The part that one of OpenAI's is; `None` if it is none of those.
    pub(crate) fn of_openai(part: &Value) -> Option<Self> {
        let text = |key: &str| part.get(key).and_then(Value::as_str);
        let inner = |key: &str| part.get(key).filter(|inner| inner.is_object());
        match text("type")? {
            "input_text" | "output_text" => Some(Self::text(text("text")?)),
            "reasoning_text" | "summary_text" => Some(Self::reasoning(text("text")?)),
            "thinking" => Some(Self::reasoning(joined(part.get("thinking")?)?)),
            "refusal" => {
                let content = text("refusal")?.into();
                Some(Self::generic("refusal", Map::from_iter([("content".to_owned(), content)])))
            }
            "image_url" => {
                let image = part.get("image_url")?;
                Some(Self::of_url("image", image.get("url").unwrap_or(image).as_str()?))
            }
            "input_image" => text("image_url").map(|url| Self::of_url("image", url)).or_else(|| file("image", part)),
            "input_audio" => audio(inner("input_audio").unwrap_or(part)),
            "file" => file("document", inner("file")?),
            "input_file" => file("document", part),
            _ => None,
        }
    }

    /// What is at `url`, or in it: of a `data:` URL in base64 size and digest stay.
    pub(crate) fn of_url(modality: &str, url: &str) -> Self {
        let data = url.strip_prefix("data:").and_then(|data| data.split_once(";base64,"));
        match data {
            Some((mime_type, base64)) => Self::encoded_blob(modality, mime_type, base64),
            None => Self::uri(modality, url),
        }
    }
}

/// The text of a list of parts.
fn joined(parts: &Value) -> Option<String> {
    let texts = parts.as_array()?.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
    Some(texts.collect::<Vec<_>>().join("\n"))
}

fn audio(audio: &Value) -> Option<Part> {
    let text = |key: &str| audio.get(key).and_then(Value::as_str);
    let mime_type = text("format").map(|format| format!("audio/{format}")).unwrap_or_default();
    Some(Part::encoded_blob("audio", &mime_type, text("data")?))
}

/// A file: uploaded before, somewhere else, or in the message.
fn file(modality: &str, file: &Value) -> Option<Part> {
    let text = |key: &str| file.get(key).and_then(Value::as_str);
    let uploaded = || text("file_id").map(|id| Part::file(modality, id));
    let elsewhere = || text("file_url").map(|url| Part::uri(modality, url));
    let here = || {
        let data = text("file_data")?;
        Some(if data.starts_with("data:") {
            Part::of_url(modality, data)
        } else {
            Part::encoded_blob(modality, "", data)
        })
    };
    uploaded().or_else(elsewhere).or_else(here)
}

/// What stands in an assistant's message beside its content, in the order that it came about.
pub(super) fn beside_content(fields: &mut Map<String, Value>) -> (Vec<Part>, Vec<Part>) {
    let mut text = |key: &str| match fields.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    };
    // DeepSeek, Moonshot, xAI; OpenRouter, Groq. Whoever has both says the same in both.
    let reasoning = [text("reasoning_content"), text("reasoning")].into_iter().flatten().next();
    let refusal = text("refusal").map(|refusal| serde_json::json!({"type": "refusal", "refusal": refusal}));
    let mut after: Vec<Part> = refusal.iter().filter_map(Part::of_openai).collect();
    if let Some(Value::Object(audio)) = fields.remove("audio") {
        after.extend(audio.get("transcript").and_then(Value::as_str).map(Part::text));
        after.extend(self::audio(&Value::Object(audio)));
    }
    // OpenRouter.
    if let Some(Value::Array(images)) = fields.remove("images") {
        after.extend(images.iter().filter_map(Part::of_openai));
    }
    if let Some(Value::Object(call)) = fields.remove("function_call") {
        let name = call.get("name").and_then(Value::as_str).unwrap_or_default();
        after.push(Part::tool_call("", name, call.get("arguments").cloned().unwrap_or_default()));
    }
    (reasoning.map(Part::reasoning).into_iter().collect(), after)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::content::Message;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn parts_become_the_schemas_parts() {
        let blob = |modality: &str, mime_type: Option<&str>| {
            let mut blob = json!({"type": "blob", "modality": modality, "content": "", "size": 3, "sha256": ABC});
            mime_type.into_iter().for_each(|mime_type| blob["mime_type"] = mime_type.into());
            blob
        };
        #[rustfmt::skip]
        let cases = [
            (json!({"type": "input_text", "text": "hi"}),                                          json!({"type": "text", "content": "hi"})),
            (json!({"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}),            json!({"type": "reasoning", "content": "hm"})),
            (json!({"type": "refusal", "refusal": "no"}),                                          json!({"type": "refusal", "content": "no"})),
            (json!({"type": "image_url", "image_url": {"url": "https://x/y.png"}}),                json!({"type": "uri", "modality": "image", "uri": "https://x/y.png"})),
            (json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}}),     blob("image", Some("image/png"))),
            (json!({"type": "input_image", "image_url": "data:image/png;base64,YWJj"}),            blob("image", Some("image/png"))),
            (json!({"type": "input_image", "file_id": "f"}),                                       json!({"type": "file", "modality": "image", "file_id": "f"})),
            (json!({"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}}),     blob("audio", Some("audio/wav"))),
            (json!({"type": "file", "file": {"file_id": "f"}}),                                    json!({"type": "file", "modality": "document", "file_id": "f"})),
            (json!({"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,YWJj"}), blob("document", Some("application/pdf"))),
            (json!({"type": "file", "file": {"file_data": "YWJj"}}),                               blob("document", None)),
        ];
        for (part, wanted) in cases {
            assert_eq!(Part::of_openai(&part).map(|part| serde_json::to_value(part).unwrap()), Some(wanted), "{part}");
        }
        for other in [json!({"type": "file", "file_id": "f"}), json!({"type": "image_url"}), json!(1)] {
            assert_eq!(Part::of_openai(&other), None, "{other}");
        }
    }

    #[test]
    fn what_stands_beside_the_content_is_part_of_the_message() {
        let message = Message::from_json(
            json!({"role": "assistant", "content": "hi", "reasoning_content": "hm", "refusal": "no",
            "audio": {"data": "YWJj", "transcript": "said"}, "function_call": {"name": "f", "arguments": "{}"}}),
        );
        let types = |message: &Message| {
            let json = serde_json::to_value(message.parts()).unwrap();
            json.as_array().unwrap().iter().map(|part| part["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(types(&message), ["reasoning", "text", "refusal", "text", "blob", "tool_call"]);
    }

    #[test]
    fn a_custom_tool_call_has_its_name_and_input() {
        let call = json!({"id": "c", "type": "custom", "custom": {"name": "exec", "input": "print(1)"}});
        let message = Message::from_json(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
        assert_eq!(message.parts(), [Part::tool_call("c", "exec", "print(1)")]);
    }
}
