//! Messages as JSON and back, by their descriptors.

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, MessageDescriptor, SerializeOptions};
use serde_json::Value;
use wenxiao_platform::server::contract;
use wenxiao_platform::{Failure, Result};

fn descriptor<M: Name>() -> Result<MessageDescriptor> {
    let name = M::full_name();
    contract()
        .get_message_by_name(&name)
        .ok_or_else(|| Failure::internal(format!("{name} has no descriptor")))
}

fn dynamic<M: Message + Name>(message: &M) -> Result<DynamicMessage> {
    DynamicMessage::decode(descriptor::<M>()?, message.encode_to_vec().as_slice()).map_err(Failure::internal)
}

/// A message as JSON with the contract's field names, without what is unset.
pub fn to_json<M: Message + Name>(message: &M) -> Result<Value> {
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(true);
    let json = dynamic(message)?.serialize_with_options(serde_json::value::Serializer, &options);
    json.map_err(Failure::internal)
}

/// A message from JSON with the contract's field names; unknown fields are an error.
pub fn from_json<M: Message + Name + Default>(json: &Value) -> Result<M> {
    let message = DynamicMessage::deserialize(descriptor::<M>()?, json).map_err(Failure::internal)?;
    M::decode(message.encode_to_vec().as_slice()).map_err(Failure::internal)
}
