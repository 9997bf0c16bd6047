//! Calls whose messages are bytes already: the client shares the machine with what it measures, so it must cost little,
//! and the bare server is to pay for the transport and the database only.

use anyhow::{Result, anyhow, ensure};
use futures::future::try_join_all;
use http::uri::PathAndQuery;
use prost::Message;
use prost::bytes::{Buf as _, BufMut as _, Bytes};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

/// Connections of one client: several, as a gateway in front of the suite would hold.
const CONNECTIONS: usize = 4;

/// Messages as they are on the wire.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawCodec;

impl Codec for RawCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put(item);
        Ok(())
    }
}

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(source.copy_to_bytes(source.remaining())))
    }
}

/// One method of a server, reached over several connections.
#[derive(Clone)]
pub struct Caller {
    channels: Vec<Channel>,
    authorization: Option<MetadataValue<Ascii>>,
}

impl Caller {
    /// Connects. Each round has connections of its own: a server may ask old ones to end.
    pub async fn connect(address: &str, authorization: Option<MetadataValue<Ascii>>) -> Result<Self> {
        let endpoint = Endpoint::from_shared(address.to_owned())?;
        let channels = try_join_all((0..CONNECTIONS).map(|_| endpoint.connect())).await?;
        Ok(Self { channels, authorization })
    }

    /// Makes a call over the connection of this worker. Any status but OK is an error.
    pub async fn call(&self, worker: usize, path: &'static str, message: Bytes) -> Result<Bytes> {
        self.call_as(worker, path, message, self.authorization.as_ref()).await
    }

    /// The same in somebody's name.
    pub async fn call_as(
        &self,
        worker: usize,
        path: &'static str,
        message: Bytes,
        authorization: Option<&MetadataValue<Ascii>>,
    ) -> Result<Bytes> {
        let mut way = self.way(worker).await?;
        let request = request(message, authorization);
        let answer = way.unary(request, PathAndQuery::from_static(path), RawCodec).await;
        let answer = answer.map_err(|status| anyhow!("{path}: {status:?}"))?.into_inner();
        ensure!(!answer.is_empty(), "{path} answered nothing");
        Ok(answer)
    }

    /// Streams messages in and decodes the answer.
    pub async fn stream<A: Message + Default>(&self, path: &'static str, messages: Vec<Bytes>) -> Result<A> {
        let mut way = self.way(0).await?;
        let request = request(futures::stream::iter(messages), self.authorization.as_ref());
        let answer = way.client_streaming(request, PathAndQuery::from_static(path), RawCodec).await;
        Ok(A::decode(answer.map_err(|status| anyhow!("{path}: {status:?}"))?.into_inner())?)
    }

    async fn way(&self, worker: usize) -> Result<Grpc<Channel>> {
        let channel = self.channels.get(worker % CONNECTIONS).ok_or_else(|| anyhow!("no connection"))?;
        let mut way = Grpc::new(channel.clone());
        way.ready().await?;
        Ok(way)
    }
}

fn request<T>(message: T, authorization: Option<&MetadataValue<Ascii>>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(authorization) = authorization {
        request.metadata_mut().insert("authorization", authorization.clone());
    }
    request
}
