//! Every call of the contract, found in its descriptors, so that none can be forgotten.

use prost::Message;
use prost::bytes::{Buf, BufMut};
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage, Value};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};
use wenxiao_platform::clients::Link;
use wenxiao_platform::operations;
use wenxiao_platform::server::contract;

/// Every RPC that the suite serves behind its own layers: `wenxiao.*`, and the operations of `google.longrunning`.
pub fn all() -> Vec<MethodDescriptor> {
    let pool = contract();
    let ours = |package: &str| package.starts_with("wenxiao.") || package == operations::PACKAGE;
    let services: Vec<_> = pool.services().filter(|service| ours(service.package_name())).collect();
    services.iter().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

/// `/wenxiao.registry.v1.UnitService/GetUnit`.
pub fn path(method: &MethodDescriptor) -> String {
    format!("/{}/{}", method.parent_service().full_name(), method.name())
}

/// A request of the method that addresses something in `district` and says nothing else.
pub fn addressed_request(method: &MethodDescriptor, district: &str) -> DynamicMessage {
    let (field, pattern) = address(method);
    let address = fill(&pattern, district);
    let mut message = DynamicMessage::new(method.input());
    set_path(&mut message, &field, address);
    message
}

/// The field that addresses the object and its pattern, as the HTTP rule has them: `{unit.name=districts/*/units/*}`.
/// A district has nothing above it: a list of them is addressed by its parent outside the path, and what creates one by
/// the district that it carries.
fn address(method: &MethodDescriptor) -> (String, String) {
    // The vendored rules know nothing of districts; the suite's operations have their place below them.
    if method.parent_service().package_name() == operations::PACKAGE {
        let pattern =
            if method.name() == "ListOperations" { "districts/*" } else { "districts/*/operations/*" };
        return ("name".to_owned(), pattern.to_owned());
    }
    let options = method.options();
    let extension = options.extensions().find(|(ext, _)| ext.full_name() == "google.api.http");
    let (_, rule) = extension.unwrap_or_else(|| panic!("{} has no google.api.http", method.full_name()));
    let rule = rule.as_message().expect("an HTTP rule").clone();
    let url = ["get", "post", "put", "patch", "delete"].iter().find_map(|verb| {
        let value = rule.get_field_by_name(verb)?;
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    });
    let url = url.unwrap_or_else(|| panic!("{} has an HTTP rule without a path", method.full_name()));
    let variable = url.split('{').nth(1).and_then(|rest| rest.split('}').next());
    let listed = method.input().get_field_by_name("parent").is_some();
    let variable =
        variable.unwrap_or(if listed { "parent=districts/*" } else { "district.name=districts/*" });
    let (field, pattern) = variable.split_once('=').unwrap_or((variable, "districts/*"));
    (field.to_owned(), pattern.to_owned())
}

fn fill(pattern: &str, district: &str) -> String {
    let mut parts = pattern.split('/').map(|part| if part.contains('*') { "x1" } else { part }.to_owned());
    let mut filled: Vec<String> = parts.by_ref().collect();
    if let Some(place) = filled.get_mut(1) {
        *place = district.to_owned();
    }
    filled.join("/")
}

fn set_path(message: &mut DynamicMessage, path: &str, value: String) {
    match path.split_once('.') {
        None => message.set_field_by_name(path, Value::String(value)),
        Some((field, rest)) => {
            let descriptor =
                message.descriptor().get_field_by_name(field).expect("the HTTP rule names a field");
            let Kind::Message(inner) = descriptor.kind() else { panic!("{field} is no message") };
            let mut nested = DynamicMessage::new(inner);
            set_path(&mut nested, rest, value);
            message.set_field_by_name(field, Value::Message(nested));
        }
    }
}

/// Calls any method with a dynamic message: the first answer, or the refusal.
pub async fn call(
    link: Link,
    method: &MethodDescriptor,
    message: DynamicMessage,
) -> Result<DynamicMessage, Status> {
    let mut client = tonic::client::Grpc::new(link);
    client.ready().await.expect("a link is always ready");
    let codec = DynamicCodec { output: method.output() };
    let path = http::uri::PathAndQuery::try_from(path(method)).expect("a path");
    let messages = tonic::codegen::tokio_stream::once(message);
    let mut answers = client.streaming(Request::new(messages), path, codec).await?.into_inner();
    Ok(answers.message().await?.unwrap_or_else(|| DynamicMessage::new(method.output())))
}

#[derive(Clone)]
struct DynamicCodec {
    output: MessageDescriptor,
}

impl Codec for DynamicCodec {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = DynamicEncoder;
    type Decoder = DynamicDecoder;

    fn encoder(&mut self) -> Self::Encoder {
        DynamicEncoder
    }

    fn decoder(&mut self) -> Self::Decoder {
        DynamicDecoder { output: self.output.clone() }
    }
}

/// Writes messages whose type is known at run time only.
pub struct DynamicEncoder;

impl Encoder for DynamicEncoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, item: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&item.encode_to_vec());
        Ok(())
    }
}

/// Reads messages whose type is known at run time only.
pub struct DynamicDecoder {
    output: MessageDescriptor,
}

impl Decoder for DynamicDecoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        DynamicMessage::decode(self.output.clone(), bytes)
            .map(Some)
            .map_err(|error| Status::from_error(Box::new(error)))
    }
}
