//! As much of HTTP/1.1 as serving files to a browser on this computer takes: one thread for each connection.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// No request of a browser to this server is longer, in bytes.
const LONGEST_REQUEST: u64 = 32_768;

/// A connection without a request is closed after this time.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is asked for.
pub struct Request {
    /// `GET`, `HEAD` and so on.
    pub method: String,
    /// The address behind the host, as it was sent.
    pub target: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header; empty if it was not sent.
    pub fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name));
        header.map_or("", |(_, value)| value)
    }

    /// Reads the next request; none when the other side has nothing more to ask.
    fn read(from: impl BufRead) -> io::Result<Option<Self>> {
        let mut lines = from.take(LONGEST_REQUEST).lines();
        let Some(first) = lines.next().transpose()? else {
            return Ok(None);
        };
        let malformed = || io::Error::from(io::ErrorKind::InvalidData);
        let [method, target, "HTTP/1.1"] = first.split(' ').collect::<Vec<_>>()[..] else {
            return Err(malformed());
        };
        let mut headers = Vec::new();
        loop {
            let line = lines.next().ok_or_else(malformed)??;
            if line.is_empty() {
                return Ok(Some(Self { method: method.into(), target: target.into(), headers }));
            }
            let (name, value) = line.split_once(':').ok_or_else(malformed)?;
            headers.push((name.into(), value.trim().into()));
        }
    }

    /// Whether the connection ends with it, as it does behind a body, which nobody here reads.
    fn is_last(&self) -> bool {
        let has_body =
            ["Content-Length", "Transfer-Encoding"].iter().any(|name| !self.header(name).is_empty());
        has_body || self.header("Connection").eq_ignore_ascii_case("close")
    }
}

/// What is answered.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers but those about the connection and the length.
    pub headers: Vec<(&'static str, String)>,
    /// The body, also where it is only asked about.
    pub body: Arc<[u8]>,
}

impl Answer {
    fn write(&self, to: &mut impl Write, with_body: bool, last: bool) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            304 => "Not Modified",
            404 => "Not Found",
            405 => "Method Not Allowed",
            _ => "Internal Server Error",
        };
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if last {
            head += "Connection: close\r\n";
        }
        // A 304 stands for a body that the other side has: its length is not this one's.
        if self.status != 304 {
            let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
        }
        to.write_all(head.as_bytes())?;
        to.write_all(b"\r\n")?;
        if with_body {
            to.write_all(&self.body)?;
        }
        to.flush()
    }
}

/// Has every request answered, until the program ends.
pub fn serve(listener: TcpListener, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) {
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // A broken connection concerns nobody else, and its other side knows.
            thread::spawn(move || converse(&stream, &*answer));
        }
    });
}

fn converse(stream: &TcpStream, answer: &impl Fn(&Request) -> Answer) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut input = BufReader::new(stream);
    while let Some(request) = Request::read(&mut input)? {
        let answer = answer(&request);
        let with_body = request.method != "HEAD" && answer.status != 304;
        answer.write(&mut BufWriter::new(stream), with_body, request.is_last())?;
        if request.is_last() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Answer, Request};

    #[test]
    fn requests_follow_each_other() -> std::io::Result<()> {
        let mut input = &b"GET /a?b HTTP/1.1\r\nAccept-Encoding:  br \r\n\r\nHEAD / HTTP/1.1\r\nconnection: Close\r\n\r\n"[..];
        let first = Request::read(&mut input)?;
        let first = first
            .as_ref()
            .map(|r| (r.method.as_str(), r.target.as_str(), r.header("accept-encoding"), r.is_last()));
        assert_eq!(first, Some(("GET", "/a?b", "br", false)));
        let second = Request::read(&mut input)?;
        assert!(second.is_some_and(|request| request.method == "HEAD" && request.is_last()));
        assert!(Request::read(&mut input)?.is_none());
        Ok(())
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let endless = [b"GET / HTTP/1.1\r\n".to_vec(), b"a: b\r\n".repeat(10_000)].concat();
        for input in
            [&b"GET /\r\n\r\n"[..], b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\n", &endless]
        {
            assert!(Request::read(input).is_err());
        }
    }

    #[test]
    fn only_the_head_is_sent_where_it_is_asked_for() -> std::io::Result<()> {
        let answer =
            Answer { status: 200, headers: vec![("ETag", "\"1\"".into())], body: b"body"[..].into() };
        let mut sent = Vec::new();
        answer.write(&mut sent, false, true)?;
        let expected = "HTTP/1.1 200 OK\r\nETag: \"1\"\r\nConnection: close\r\nContent-Length: 4\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&sent), expected);
        Ok(())
    }
}
