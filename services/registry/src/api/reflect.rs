//! Messages looked at through their descriptors: what an update changes, and rules as JSON.

use prost::{Message, Name};
use prost_reflect::{DynamicMessage, MessageDescriptor, ReflectMessage, SerializeOptions};
use prost_types::FieldMask;
use serde_json::Value;
use wenxiao_platform::mask::Mask;
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

/// `current` with the fields of `incoming` that the mask means. Without a mask those that are set.
pub fn merge<M: Message + Name + Default>(
    current: &M,
    incoming: &M,
    mask: Option<&FieldMask>,
    updatable: &[&str],
) -> Result<M> {
    let asked = Mask::of(mask, updatable)?;
    let implied = mask.is_none_or(|mask| mask.paths.is_empty());
    let (mut merged, incoming) = (dynamic(current)?, dynamic(incoming)?);
    let descriptor = merged.descriptor();
    let fields = updatable.iter().filter(|path| asked.has(path));
    for field in fields.filter_map(|path| descriptor.get_field_by_name(path)) {
        if incoming.has_field(&field) {
            merged.set_field(&field, incoming.get_field(&field).into_owned());
        } else if !implied {
            merged.clear_field(&field);
        }
    }
    M::decode(merged.encode_to_vec().as_slice()).map_err(Failure::internal)
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
