//! Servers on loopback, each on a thread of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Answers each connection's only request with what `answer` writes, byte for byte.
pub(crate) struct Server {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `answer` is told how many requests came before.
    pub(crate) fn start(answer: impl Fn(usize, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (received, stopped) = (Arc::<Mutex<Vec<Received>>>::default(), Arc::<AtomicBool>::default());
        let (seen, stop, answer) = (Arc::clone(&received), Arc::clone(&stopped), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let Some(request) = read(&mut stream) else { return };
                    let before = {
                        let mut seen = seen.lock().expect("no panic");
                        seen.push(request);
                        seen.len() - 1
                    };
                    answer(before, &mut stream);
                });
            }
        });
        Self { address, received, stopped, thread: Some(thread) }
    }

    /// One that answers all requests alike.
    pub(crate) fn always(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |_, stream| {
            let _ = stream.write_all(&reply);
        })
    }

    /// One that answers the first requests with these, and all others with the last.
    pub(crate) fn in_turn(replies: Vec<Vec<u8>>) -> Self {
        Self::start(move |before, stream| {
            let _ = stream.write_all(&replies[before.min(replies.len() - 1)]);
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no panic").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8(bytes[..end].to_vec()).expect("ASCII");
            let mut received = Received { head, body: bytes[end + 4..].to_vec() };
            if received.header("transfer-encoding").is_some() {
                while !received.body.ends_with(b"0\r\n\r\n") {
                    let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
                    received.body.extend_from_slice(&buffer[..count]);
                }
                return Some(received);
            }
            let length: usize = received.header("content-length").map_or(0, |text| text.parse().expect("a number"));
            while received.body.len() < length {
                let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
                received.body.extend_from_slice(&buffer[..count]);
            }
            return Some(received);
        }
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
    }
}

/// A whole reply of HTTP/1.1.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// A reply of JSON.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    reply(status, &[("content-type", "application/json")], body)
}

/// The head of a reply whose body comes in chunks.
pub(crate) fn chunked(content_type: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\ncontent-type: ";
    format!("{head}{content_type}\r\n\r\n").into_bytes()
}

/// One chunk of it.
pub(crate) fn chunk(data: &[u8]) -> Vec<u8> {
    let mut text = format!("{:x}\r\n", data.len()).into_bytes();
    text.extend_from_slice(data);
    text.extend_from_slice(b"\r\n");
    text
}

/// A whole stream of server-sent events, each a chunk.
pub(crate) fn events(events: &[&str]) -> Vec<u8> {
    let mut bytes = chunked("text/event-stream; charset=utf-8");
    for event in events {
        bytes.extend(chunk(format!("data: {event}\n\n").as_bytes()));
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}
