use super::*;

/// A frame with these headers, each a name and its type and value as they are written.
pub(crate) fn frame(headers: &[(&str, &[u8])], payload: &[u8]) -> Vec<u8> {
    let mut inner = Vec::new();
    for (name, value) in headers {
        inner.push(u8::try_from(name.len()).unwrap());
        inner.extend_from_slice(name.as_bytes());
        inner.extend_from_slice(value);
    }
    let length = u32::try_from(AROUND + inner.len() + payload.len()).unwrap();
    let mut frame = [length.to_be_bytes(), u32::try_from(inner.len()).unwrap().to_be_bytes()].concat();
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(inner);
    frame.extend_from_slice(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

fn text(value: &str) -> Vec<u8> {
    [&[7][..], &u16::try_from(value.len()).unwrap().to_be_bytes(), value.as_bytes()].concat()
}

fn named(kind: &str, header: &str, name: &str, payload: &[u8]) -> Vec<u8> {
    frame(&[(header, &text(name)), (":message-type", &text(kind))], payload)
}

fn read(pieces: &[&[u8]]) -> Vec<Option<(String, String)>> {
    let (mut events, mut found) = (AwsEvents::default(), Vec::new());
    let mut each = |piece: Option<Piece<'_>>| {
        let owned = |piece: Piece<'_>| (piece.name.to_owned(), String::from_utf8_lossy(piece.data).into_owned());
        found.push(piece.map(owned));
    };
    pieces.iter().for_each(|piece| events.push(piece, &mut each));
    found
}

fn found(name: &str, data: &str) -> Option<(String, String)> {
    Some((name.to_owned(), data.to_owned()))
}

#[test]
fn frames_are_read_however_they_are_cut() {
    let all = [
        named("event", ":event-type", "messageStart", b"{\"role\":\"assistant\"}"),
        named("event", ":event-type", "metadata", b"{}"),
        named("exception", ":exception-type", "throttlingException", b"{\"message\":\"canary\"}"),
        named("error", ":error-code", "InternalError", b""),
    ]
    .concat();
    let wanted = [
        found("messageStart", "{\"role\":\"assistant\"}"),
        found("metadata", "{}"),
        found("exception", "{\"__type\":\"throttlingException\"}"),
        found("exception", "{\"__type\":\"InternalError\"}"),
    ];
    for at in 0..=all.len() {
        assert_eq!(read(&[&all[..at], &all[at..]]), wanted, "cut at {at}");
    }
    assert_eq!(read(&all.chunks(1).collect::<Vec<_>>()), wanted);
}

#[test]
fn headers_of_every_type_are_passed_over() {
    let bytes: &[u8] = &[6, 0, 2, 1, 2];
    let long = [&[5][..], &[0; 8]].concat();
    let (time, uuid) = ([&[8][..], &[0; 8]].concat(), [&[9][..], &[0; 16]].concat());
    let headers: &[(&str, &[u8])] = &[
        ("a", &[0]),
        ("b", &[1]),
        ("c", &[2, 1]),
        ("d", &[3, 0, 1]),
        ("e", &[4, 0, 0, 0, 1]),
        ("f", &long),
        ("g", bytes),
        ("h", &time),
        ("i", &uuid),
        (":event-type", &text("chunk")),
    ];
    assert_eq!(read(&[&frame(headers, b"{}")]), [found("chunk", "{}")]);
    assert_eq!(read(&[&frame(&[("x", &[10])], b"{}"), &frame(&[], b"{}")]), [None, found("", "{}")]);
    assert_eq!(read(&[&frame(&[("x", &[7, 0, 9, b'a'])], b"")]), [None]);
}

#[test]
fn a_damaged_frame_is_left_out_and_damaged_lengths_end_it() {
    let (good, mut bad) = (named("event", ":event-type", "a", b"{}"), named("event", ":event-type", "b", b"{}"));
    let payload = bad.len() - 5;
    bad[payload] ^= 1;
    assert_eq!(read(&[&bad, &good]), [None, found("a", "{}")]);
    bad[3] ^= 1;
    assert_eq!(read(&[&good, &bad, &good]), [found("a", "{}"), None]);
    assert_eq!(read(&[b"HTTP/1.1 503 Service Unavailable", &good]), [None]);
}

#[test]
fn a_frame_that_is_too_long_is_passed_over() {
    let long = named("event", ":event-type", "a", &vec![b' '; MAX_PIECE_BYTES]);
    let good = named("event", ":event-type", "b", b"{}");
    assert_eq!(read(&[&[&long[..], &good].concat()]), [None, found("b", "{}")]);
    let mut events = AwsEvents::default();
    for byte in long.chunks(4096) {
        events.push(byte, &mut |_| {});
        assert!(events.frame.capacity() < 64);
    }
    assert_eq!(events.pass, 0);
}
