//! A client that costs next to nothing, so that what is measured is the platform: one connection, one request at a time.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What names the kind of a body, and the usual one.
const KIND: &str = "content-type:";
const JSON: &str = "content-type: application/json\r\n";

/// A kept-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    address: String,
    buffer: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects to `host:port`.
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address: address.to_owned(), buffer: Vec::with_capacity(8_192) })
    }

    /// Sends a request and waits for its whole answer. Its body is JSON unless its headers say otherwise.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> io::Result<Answer> {
        let kind = if headers.contains(KIND) { "" } else { JSON };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}{kind}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            self.read_more().await?;
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).to_ascii_lowercase();
        let status: u16 = text.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(broken)?;
        let length = text
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        match length {
            // Nothing follows such a head, and nothing says so.
            _ if status == 204 => Ok(Answer { status, body: Vec::new() }),
            Some(length) => {
                while self.buffer.len() < head + length {
                    self.read_more().await?;
                }
                Ok(Answer { status, body: self.buffer[head..head + length].to_vec() })
            }
            None => {
                // Chunked: the last chunk is empty.
                while !self.buffer.ends_with(b"0\r\n\r\n") {
                    self.read_more().await?;
                }
                Ok(Answer { status, body: self.buffer[head..].to_vec() })
            }
        }
    }

    async fn read_more(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Answers with these, one after the other, on one connection, and tells what it was asked.
    async fn serve(listener: TcpListener, answers: &[&str]) -> Vec<String> {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        for answer in answers {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n{}") {
                stream.read_buf(&mut request).await.unwrap();
            }
            asked.push(String::from_utf8(request).unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    }

    #[tokio::test]
    async fn an_answer_is_read_to_its_end_however_that_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        ];
        let serving = tokio::spawn(async move { serve(listener, &answers).await });
        let mut connection = Connection::open(&address).await.unwrap();
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        let mut statuses = Vec::new();
        for headers in ["", form, "x: y\r\n"] {
            statuses.push(connection.send("POST", "/", headers, "{}").await.unwrap().status);
        }
        assert_eq!(statuses, [200, 204, 200]);
        let asked = serving.await.unwrap();
        assert!(asked[0].contains(JSON) && asked[2].contains(JSON), "{asked:?}");
        assert!(asked[1].contains(form) && !asked[1].contains(JSON), "{asked:?}");
    }
}
