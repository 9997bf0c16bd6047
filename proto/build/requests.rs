//! What requests say about themselves, read from their descriptors: the object that they address, the rules that they
//! keep, the fields of the resource that they create or change.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, Value};

/// Members of `google.api.FieldBehavior`.
const REQUIRED: i32 = 2;
const IMMUTABLE: i32 = 5;

/// `Addressed` and `Validate` for every message that some RPC takes, `Editable` for every resource that one carries.
pub fn code(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    let (mut requests, mut resources) = (BTreeSet::new(), BTreeSet::new());
    for service in pool.services().filter(|service| ours(service.package_name())) {
        for request in service.methods().map(|method| method.input()) {
            if !requests.insert(request.full_name().to_owned()) {
                continue;
            }
            addressed(&mut code, &request)?;
            let carried = carried(&request);
            validated(&mut code, &request, carried.as_ref())?;
            if let Some((_, resource)) = carried
                && resources.insert(resource.full_name().to_owned())
            {
                editable(&mut code, &resource)?;
            }
        }
    }
    Ok(code)
}

/// Packages whose calls the suite serves behind its own layers.
fn ours(package: &str) -> bool {
    package.starts_with("wenxiao.") || package == "google.longrunning"
}

fn path(message: &MessageDescriptor) -> String {
    message.full_name().replace('.', "::")
}

fn has(message: &MessageDescriptor, name: &str, kind: &Kind) -> bool {
    message.get_field_by_name(name).is_some_and(|field| field.kind() == *kind)
}

/// The field and type of the resource in `Create<Resource>Request` and `Update<Resource>Request`.
fn carried(request: &MessageDescriptor) -> Option<(String, MessageDescriptor)> {
    let verb = request.name().strip_prefix("Create").or_else(|| request.name().strip_prefix("Update"))?;
    let resource = verb.strip_suffix("Request")?;
    request.fields().find_map(|field| match field.kind() {
        Kind::Message(message) if message.name() == resource => Some((field.name().to_owned(), message)),
        _ => None,
    })
}

fn addressed(code: &mut String, request: &MessageDescriptor) -> Result<(), Box<dyn Error>> {
    let has_text = |name: &str| has(request, name, &Kind::String);
    let address = if has_text("name") {
        "&self.name".to_owned()
    } else if has_text("parent") {
        "&self.parent".to_owned()
    } else if let Some((field, _)) = carried(request) {
        // Update requests: the resource that the request carries names itself.
        format!("self.{field}.as_ref().map_or(\"\", |resource| resource.name.as_str())")
    } else {
        return Err(format!("{} has neither name nor parent nor a resource", request.full_name()).into());
    };
    let text = |name: &str| if has_text(name) { format!("&self.{name}") } else { "\"\"".to_owned() };
    let validate_only =
        if has(request, "validate_only", &Kind::Bool) { "self.validate_only" } else { "false" };
    write!(
        code,
        "impl Addressed for {path} {{\n    fn address(&self) -> &str {{ {address} }}\n    \
         fn request_id(&self) -> &str {{ {request_id} }}\n    fn etag(&self) -> &str {{ {etag} }}\n    \
         fn validate_only(&self) -> bool {{ {validate_only} }}\n}}\n",
        path = path(request),
        request_id = text("request_id"),
        etag = text("etag"),
    )?;
    Ok(())
}

fn validated(
    code: &mut String,
    request: &MessageDescriptor,
    carried: Option<&(String, MessageDescriptor)>,
) -> std::fmt::Result {
    let declared = match request.full_name().starts_with("wenxiao.") {
        true => "::prost_protovalidate::Validate::validate(self)",
        false => "Ok(())", // vendored messages declare no bounds
    };
    let rules = match carried {
        Some((field, _)) if request.name().starts_with("Create") => {
            format!("edits::created({declared}, \"{field}\", self.{field}.as_ref())")
        }
        Some((field, _)) if request.get_field_by_name("update_mask").is_some() => {
            format!(
                "edits::updated({declared}, \"{field}\", self.{field}.as_ref(), self.update_mask.as_ref())"
            )
        }
        _ => declared.to_owned(),
    };
    write!(
        code,
        "impl Validate for {} {{\n    fn validate(&self) -> Result<(), ValidationError> {{ {rules} }}\n}}\n",
        path(request),
    )
}

fn editable(code: &mut String, resource: &MessageDescriptor) -> std::fmt::Result {
    // Alternatives of one choice stand in one Rust field; no update changes one of them alone.
    let choice = |field: &FieldDescriptor| field.containing_oneof().is_some_and(|one| !one.is_synthetic());
    let fields: Vec<_> = resource.fields().filter(|field| !choice(field)).collect();
    let named = |behaviour| {
        let names = fields.iter().filter(|field| behaves(field, behaviour)).map(FieldDescriptor::name);
        names.map(|name| format!("{name:?}, ")).collect::<String>()
    };
    let (mut present, mut taken) = (String::new(), String::new());
    for field in &fields {
        let name = field.name();
        let given = if field.is_list() || field.is_map() {
            format!("!self.{name}.is_empty()")
        } else if field.supports_presence() {
            format!("self.{name}.is_some()")
        } else {
            match field.kind() {
                Kind::Bool => format!("self.{name}"),
                Kind::String | Kind::Bytes => format!("!self.{name}.is_empty()"),
                _ => format!("self.{name} != 0"),
            }
        };
        writeln!(present, "            {name:?} => {given},")?;
        writeln!(taken, "            {name:?} => self.{name}.clone_from(&from.{name}),")?;
    }
    write!(
        code,
        "impl Editable for {path} {{\n    const REQUIRED: &'static [&'static str] = &[{required}];\n    \
         const IMMUTABLE: &'static [&'static str] = &[{immutable}];\n    \
         fn has(&self, field: &str) -> bool {{\n        match field {{\n{present}            _ => false,\n        }}\n    }}\n    \
         fn take(&mut self, field: &str, from: &Self) {{\n        match field {{\n{taken}            _ => {{}}\n        }}\n    }}\n}}\n",
        path = path(resource),
        required = named(REQUIRED),
        immutable = named(IMMUTABLE),
    )
}

fn behaves(field: &FieldDescriptor, behaviour: i32) -> bool {
    let options = field.options();
    let declared =
        options.extensions().find(|(extension, _)| extension.full_name() == "google.api.field_behavior");
    declared.is_some_and(|(_, value)| {
        value.as_list().is_some_and(|list| list.contains(&Value::EnumNumber(behaviour)))
    })
}
