//! Builds the contract crate from the .proto files: messages, clients and servers, the validation that
//! `buf.validate` declares, the descriptor set, and where each request says which object it addresses.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FileDescriptorSet};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // tonic's generator prints no rerun-if-changed: without these lines every check would rebuild the contract.
    for folder in ["wenxiao", "google", "buf", "build.rs"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let mut files = proto_files(Path::new("wenxiao"))?;
    files.push(PathBuf::from("google/longrunning/operations.proto"));
    files.sort();

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let descriptors = compiler.file_descriptor_set();
    let raw = compiler.encode_file_descriptor_set();
    fs::write(out.join("descriptors.bin"), &raw)?;
    fs::write(out.join("addressed.rs"), addressed(&descriptors)?)?;

    let mut config = prost_build_config();
    config.enable_type_names();
    tonic_prost_build::configure()
        .extern_path(".buf.validate", "::prost_protovalidate::types")
        .include_file("packages.rs")
        .generate_default_stubs(true)
        .compile_fds_with_config(descriptors, config)?;
    // Messages that the generator cannot cover get no Validate: answers may do without, and a request without it does
    // not compile where it is opened.
    prost_protovalidate_build::Builder::new().file_descriptor_set_bytes(raw).compile()?;
    Ok(())
}

fn prost_build_config() -> prost_build::Config {
    let mut config = prost_build::Config::new();
    // Comments of the vendored files hold indented text that rustdoc takes for code.
    config.disable_comments([".google", ".buf"]);
    config
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(proto_files(&path)?);
        } else if path.extension().is_some_and(|e| e == "proto") {
            found.push(path);
        }
    }
    Ok(found)
}

/// `impl Addressed` for every message that some RPC takes.
fn addressed(set: &FileDescriptorSet) -> Result<String, Box<dyn Error>> {
    let mut code = String::new();
    let mut done = BTreeSet::new();
    for file in set.file.iter().filter(|f| f.package().starts_with("wenxiao.")) {
        for method in file.service.iter().flat_map(|s| &s.method) {
            let input = method.input_type().trim_start_matches('.');
            if done.insert(input.to_owned()) {
                let message = find_message(set, input)
                    .ok_or_else(|| format!("{input} is not in the descriptor set"))?;
                implement(&mut code, input, message)?;
            }
        }
    }
    Ok(code)
}

fn find_message<'s>(set: &'s FileDescriptorSet, full_name: &str) -> Option<&'s DescriptorProto> {
    let (package, name) = full_name.rsplit_once('.')?;
    set.file
        .iter()
        .filter(|f| f.package() == package)
        .flat_map(|f| &f.message_type)
        .find(|m| m.name() == name)
}

fn implement(code: &mut String, full_name: &str, message: &DescriptorProto) -> Result<(), Box<dyn Error>> {
    let has = |name: &str, kind: Type| message.field.iter().any(|f| f.name() == name && f.r#type() == kind);
    let address = if has("name", Type::String) {
        "&self.name".to_owned()
    } else if has("parent", Type::String) {
        "&self.parent".to_owned()
    } else if let Some(resource) = message.field.iter().find(|f| f.r#type() == Type::Message) {
        // Update requests: the resource that the request carries names itself.
        format!("self.{}.as_ref().map_or(\"\", |resource| resource.name.as_str())", resource.name())
    } else {
        return Err(format!("{full_name} has neither name nor parent nor a resource").into());
    };
    let text = |name: &str| if has(name, Type::String) { format!("&self.{name}") } else { "\"\"".to_owned() };
    let validate_only = if has("validate_only", Type::Bool) { "self.validate_only" } else { "false" };
    let path = full_name.replace('.', "::");
    write!(
        code,
        "impl Addressed for {path} {{\n    fn address(&self) -> &str {{ {address} }}\n    \
         fn request_id(&self) -> &str {{ {request_id} }}\n    fn etag(&self) -> &str {{ {etag} }}\n    \
         fn validate_only(&self) -> bool {{ {validate_only} }}\n}}\n",
        request_id = text("request_id"),
        etag = text("etag"),
    )?;
    Ok(())
}
