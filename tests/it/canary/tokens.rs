//! Reading Rust as tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

pub(super) fn is(token: &TokenTree, text: &str) -> bool {
    !matches!(token, TokenTree::Group(_)) && token.to_string() == text
}

pub(super) fn group(token: &TokenTree) -> Option<Vec<TokenTree>> {
    match token {
        TokenTree::Group(group) => Some(group.stream().into_iter().collect()),
        _ => None,
    }
}

pub(super) fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Tokens in one line, without blanks around punctuation.
pub(super) fn text(tokens: &[TokenTree]) -> String {
    let stream: TokenStream = tokens.iter().cloned().collect();
    let mut text = stream.to_string();
    for (spaced, tight) in
        [(" <", "<"), ("< ", "<"), (" >", ">"), (" ::", "::"), (":: ", "::"), ("& ", "&"), (" ,", ","), ("' ", "'")]
    {
        text = text.replace(spaced, tight);
    }
    text
}

/// How many tokens `<…>` at the start of `tokens` has.
pub(super) fn closed(tokens: &[TokenTree]) -> usize {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate() {
        let arrow = at > 0 && is(&tokens[at - 1], "-");
        depth += i32::from(is(token, "<")) - i32::from(is(token, ">") && !arrow);
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// The parts between commas that stand outside of `<…>`.
pub(super) fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let (mut parts, mut from, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, token) in tokens.iter().enumerate() {
        let arrow = at > 0 && (is(&tokens[at - 1], "-") || is(&tokens[at - 1], "="));
        depth += i32::from(is(token, "<")) - i32::from(is(token, ">") && !arrow);
        if depth == 0 && is(token, ",") {
            parts.push(&tokens[from..at]);
            from = at + 1;
        }
    }
    parts.push(&tokens[from..]);
    parts.retain(|part| !part.is_empty());
    parts
}
