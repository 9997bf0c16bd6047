//! The published contract of Wenxiao (问效): every message, client and server of `wenxiao.*.v1`, generated from the
//! .proto files beside this crate, with the validation that they declare.
#![expect(
    clippy::all,
    clippy::allow_attributes,
    rustdoc::all,
    reason = "generated code, written by generators that are not ours"
)]

include!(concat!(env!("OUT_DIR"), "/packages.rs"));
include!(concat!(env!("OUT_DIR"), "/validate_impl.rs"));
include!(concat!(env!("OUT_DIR"), "/requests.rs"));

pub mod edits;

pub use edits::Editable;
pub use prost_protovalidate::ValidationError;

/// The whole contract as an encoded `google.protobuf.FileDescriptorSet`, without its comments: for rendering stored
/// messages as JSON, and for whatever must not forget a call.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same with its comments, for reflection. In memory they take more than all the rest.
pub const COMMENTED_DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/commented.bin"));

/// What every request says about itself, whatever it asks for. Implemented for each RPC's input.
pub trait Addressed {
    /// Resource that the request is about, or the parent under which it lists or creates.
    fn address(&self) -> &str;
    /// Caller's own id of the request (AIP-155); empty when the call has none.
    fn request_id(&self) -> &str;
    /// Version that the caller has seen (AIP-154); empty when the caller does not care or the call has none.
    fn etag(&self) -> &str;
    /// Whether to check only and change nothing (AIP-163).
    fn validate_only(&self) -> bool;
}

/// The rules that the contract declares for a request, all of them: bounds (`buf.validate`), and for a resource that it
/// creates or changes also which fields must have a value (`field_behavior`).
pub trait Validate {
    /// Every field that breaks a rule, by its path in the request.
    fn validate(&self) -> Result<(), ValidationError>;
}
