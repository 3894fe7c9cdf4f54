//! What is left of content, looked at, and the weak places of the original.

use super::*;

fn text(role: &str, content: &str) -> String {
    format!(r#"{{"role":"{role}","parts":[{{"type":"text","content":"{content}"}}]}}"#)
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// `n` words, none the same.
fn words(n: usize) -> String {
    (0..n).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ")
}

fn shortened(shape: Shape, text: &str, budget: usize) -> String {
    let fitted = fit(shape, text, budget).unwrap();
    assert!(fitted.text.len() <= budget);
    fitted.text.into_owned()
}

#[test]
fn what_fits_is_not_touched() {
    let given = " [1, 2";
    let fitted = fit(Shape::Messages, given, given.len()).unwrap();
    assert_eq!(fitted, Fitted { text: Cow::Borrowed(given), missing: 0 });
    assert!(matches!(fitted.text, Cow::Borrowed(_)));
    assert_eq!(fit_items(Shape::Tools, &["{}", "{}"], 7).unwrap().text, "[{},{}]");
}

#[test]
fn the_newest_messages_and_the_system_message_stay() {
    let mut messages = vec![text("system", "Be brief.")];
    messages.extend((0..9).map(|n| text("user", &format!("{n} {}", words(8)))));
    insta::assert_snapshot!(
        shortened(Shape::Messages, &list(&messages), 400).replace("},{\"role", "},\n{\"role"),
        @r#"
    [{"role":"system","parts":[{"type":"text","content":"Be brief."}]},
    {"role":"omitted","parts":[{"type":"text","content":"[6 messages omitted, 474 bytes]"}]},
    {"role":"user","parts":[{"type":"text","content":"6 w0 w1 w2 w3 w4 w5 w6 w7"}]},
    {"role":"user","parts":[{"type":"text","content":"7 w0 w1 w2 w3 w4 w5 w6 w7"}]},
    {"role":"user","parts":[{"type":"text","content":"8 w0 w1 w2 w3 w4 w5 w6 w7"}]}]
    "#
    );
}

#[test]
fn a_system_message_is_found_wherever_its_role_stands() {
    let system = r#"{"parts":[{"content":"\"role\": x","type":"text"}], "role" : "system"}"#;
    let given = format!("[{system},{}]", list(&vec![text("user", &words(9)); 20]).trim_matches(['[', ']']));
    assert!(shortened(Shape::Messages, &given, 400).starts_with(&format!("[{system},")));
}

#[test]
fn a_long_system_message_leaves_room_for_the_newest() {
    let given = list(&[text("system", &words(9000)), text("user", &words(900)), text("user", "last")]);
    let short = shortened(Shape::Messages, &given, 4096);
    assert!(short.contains(r#""system""#) && short.ends_with(&format!("{}]", text("user", "last"))), "{short}");
    assert!(short.len() > 4096 * 98 / 100);
}

#[test]
fn the_first_tools_stay() {
    let tool = |n| format!(r#"{{"type":"function","name":"tool_{n}","parameters":{{"a":[1,2,3]}}}}"#);
    let given = list(&(0..9).map(tool).collect::<Vec<_>>());
    insta::assert_snapshot!(
        shortened(Shape::Tools, &given, 200).replace("},{\"type", "},\n{\"type"),
        @r#"
    [{"type":"function","name":"tool_0","parameters":{"a":[1,2,3]}},
    {"type":"function","name":"tool_1","parameters":{"a":[1,2,3]}},
    {"type":"omitted","name":"[7 tools omitted, 434 bytes]"}]
    "#
    );
}

#[test]
fn a_hundred_thousand_characters_use_the_budget() {
    let given = list(&[text("user", &"x".repeat(100_000))]);
    for budget in [40_937, 300, 128] {
        let fitted = fit(Shape::Messages, &given, budget).unwrap();
        assert!(fitted.text.len() > budget - 3, "{} of {budget}", fitted.text.len());
        assert!(fitted.text.starts_with(r#"[{"role":"user","parts":[{"type":"text","content":"xx"#));
    }
}

#[test]
fn rows_of_different_length_are_cut_to_the_same() {
    let given = format!(r#"{{"rows":["{}","{}"]}}"#, "a".repeat(300), "b".repeat(500));
    let half = |letter: &str, missing| format!("{}… [{missing} bytes omitted]", letter.repeat(99));
    let expected = format!(r#"{{"rows":["{}","{}"]}}"#, half("a", 201), half("b", 401));
    assert_eq!(shortened(Shape::Object, &given, 260), expected);
}

#[test]
fn numbers_are_left_out_from_behind() {
    let numbers = (0..1000).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let message = format!(
        r#"{{"role":"tool","parts":[{{"type":"tool_call_response","id":"7","response":{{"n":[{numbers}],"ok":true}}}}]}}"#
    );
    insta::assert_snapshot!(shortened(Shape::Messages, &list(&[message]), 300), @r#"[{"role":"tool","parts":[{"type":"tool_call_response","id":"7","response":{"n":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,"[954 items omitted, 2808 bytes]"],"ok":true}}]}]"#);
    insta::assert_snapshot!(shortened(Shape::Any, &format!("[{numbers}]"), 60), @r#"[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,"…"]"#);
}

#[test]
fn members_are_left_out_from_behind() {
    let members: Vec<_> = (0..1000).map(|n| format!(r#""key{n}":{n}"#)).collect();
    let given = format!("{{{}}}", members.join(","));
    insta::assert_snapshot!(shortened(Shape::Object, &given, 160), @r#"{"key0":0,"key1":1,"key2":2,"key3":3,"key4":4,"key5":5,"key6":6,"key7":7,"key8":8,"key9":9,"key10":10,"key11":11,"…":"[988 members omitted, 11680 bytes]"}"#);
    insta::assert_snapshot!(shortened(Shape::Object, &given, 30), @r#"{"key0":0,"…":"…"}"#);
}

#[test]
fn what_a_schema_asks_for_is_not_cut() {
    let uri = format!("https://example.com/{}", "x".repeat(300));
    let part = format!(r#"{{"type":"uri","modality":"image","uri":"{uri}"}}"#);
    let given = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{}"}},{part}]}}]"#, words(99));
    assert!(shortened(Shape::Messages, &given, 500).contains(&part));
    assert!(!shortened(Shape::Messages, &given, 300).contains("uri"));
}

#[test]
fn text_that_only_looks_like_json_is_text() {
    for given in ["[INFO] it began, then it ended {", "{not json: [at all]}, really", r#""quoted" and more of it"#] {
        let short = shortened(Shape::Any, given, 20);
        assert_eq!(short, format!("{}…", given.get(..17).unwrap()));
        for shape in [Shape::Object, Shape::Messages, Shape::Tools] {
            assert_eq!(fit(shape, given, 20), None);
        }
    }
}

#[test]
fn what_is_no_json_has_no_shape() {
    let message = text("user", &words(99));
    for given in [format!("[{message}"), format!("[{message}] x"), format!("[{message},]"), format!("{message},")] {
        assert_eq!(fit(Shape::Messages, &given, 200), None, "{given}");
    }
    assert_eq!(fit(Shape::Object, &format!(r#"{{"a":[{}1]}} x"#, "1,".repeat(20_000)), 200), None);
    let raw = list(&[text("user", &words(99)).replace("w3", "\n")]);
    assert_eq!(fit(Shape::Messages, &raw, 200), None);
}

#[test]
fn nesting_costs_neither_stack_nor_time() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        shortened(Shape::Any, &deep, 100),
        format!("{}\"[1 items omitted, 199984 bytes]\"{}", "[".repeat(8), "]".repeat(8))
    );
}

#[test]
fn items_come_out_as_their_list_does() {
    let messages: Vec<_> = (0..30).map(|n| text(["user", "system"][usize::from(n == 3)], &words(n * 7))).collect();
    let items: Vec<_> = messages.iter().map(String::as_str).collect();
    for budget in [100, 200, 900, 2000, 4000] {
        assert_eq!(fit_items(Shape::Messages, &items, budget), fit(Shape::Messages, &list(&messages), budget));
    }
}

#[test]
fn nothing_is_better_than_an_empty_list() {
    assert_eq!(fit(Shape::Messages, &list(&[text("user", &words(99))]), 20), None);
    assert_eq!(fit(Shape::Tools, "[ ]", 2), None);
    assert_eq!(fit(Shape::Text, "long enough", 2), None);
}

#[test]
fn text_that_begins_like_json_is_text() {
    let text = format!("[1] and then {}", "a log ".repeat(100));
    let fitted = fit(Shape::Any, &text, 200).unwrap();
    assert!(fitted.text.starts_with("[1] and then a log"), "{}", fitted.text);
    assert!(fitted.text.len() <= 200 && fitted.missing > 400, "{fitted:?}");
}
