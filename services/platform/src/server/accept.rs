//! Accepting connections: small packets at once, dead peers noticed, and nobody who connects and says nothing.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;
use tonic::transport::server::{Connected, TcpConnectInfo, TcpIncoming};

/// A connection that has not said this much in this time is closed. It is what every HTTP/2 client says first, and
/// less than any HTTP/1 request; afterwards HTTP/2's own keepalive finds the silent ones.
const GREETING_BYTES: usize = 24;
const GREETING_LIMIT: Duration = Duration::from_secs(10);
const ERROR_PAUSE: Duration = Duration::from_millis(50);
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

pub(super) fn incoming(listener: TcpListener) -> impl Stream<Item = io::Result<Greeted<TcpStream>>> {
    let accepted = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(TCP_KEEPALIVE));
    accepted.then(async |connection| {
        if connection.is_err() {
            // Out of file descriptors, most likely: asking again at once would only burn the processor.
            tokio::time::sleep(ERROR_PAUSE).await;
        }
        connection.map(|stream| Greeted::new(stream, GREETING_LIMIT))
    })
}

/// A connection that fails unless it begins in time.
pub(super) struct Greeted<T> {
    stream: T,
    read: usize,
    /// `None` once the greeting is complete: then reading costs nothing more.
    limit: Option<Pin<Box<Sleep>>>,
}

impl<T> Greeted<T> {
    fn new(stream: T, limit: Duration) -> Self {
        Self { stream, read: 0, limit: Some(Box::pin(tokio::time::sleep(limit))) }
    }
}

impl Connected for Greeted<TcpStream> {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.stream.connect_info()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Greeted<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let Some(limit) = &mut this.limit else {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        };
        if limit.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the connection said nothing in time",
            )));
        }
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        this.read = this.read.saturating_add(buffer.filled().len().saturating_sub(before));
        if this.read >= GREETING_BYTES {
            this.limit = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Greeted<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn who_says_nothing_or_trickles_is_cut_and_who_greets_may_be_silent() {
        let mut buffer = [0; 64];
        let (_silent, server) = tokio::io::duplex(64);
        assert!(Greeted::new(server, SHORT).read(&mut buffer).await.is_err());

        let (mut trickling, server) = tokio::io::duplex(64);
        let mut greeted = Greeted::new(server, SHORT);
        tokio::spawn(async move {
            while trickling.write_all(b"P").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let ended = async { while greeted.read(&mut buffer).await.is_ok() {} };
        tokio::time::timeout(SHORT * 4, ended).await.expect("cut");

        let (mut polite, server) = tokio::io::duplex(64);
        let mut greeted = Greeted::new(server, SHORT);
        polite.write_all(&[b'x'; GREETING_BYTES]).await.unwrap();
        greeted.read_exact(&mut buffer[..GREETING_BYTES]).await.unwrap();
        tokio::time::sleep(SHORT * 2).await;
        polite.write_all(b"more").await.unwrap();
        greeted.read_exact(&mut buffer[..4]).await.unwrap();
    }
}
