//! Builds the contract crate from the .proto files: messages, clients and servers, the validation that
//! `buf.validate` declares, the descriptor set, and what each request says about itself.

#[path = "build/requests.rs"]
mod requests;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use prost_reflect::DescriptorPool;

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // tonic's generator prints no rerun-if-changed: without these lines every check would rebuild the contract.
    for folder in ["wenxiao", "google", "buf", "build.rs", "build"] {
        println!("cargo:rerun-if-changed={folder}");
    }
    let mut files = proto_files(Path::new("wenxiao"))?;
    files.push(PathBuf::from("google/longrunning/operations.proto"));
    files.sort();

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).open_files(&files)?;
    let raw = compiler.encode_file_descriptor_set();
    fs::write(out.join("descriptors.bin"), &raw)?;

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let descriptors = compiler.file_descriptor_set();
    fs::write(out.join("commented.bin"), compiler.encode_file_descriptor_set())?;
    fs::write(out.join("requests.rs"), requests::code(&DescriptorPool::decode(raw.as_slice())?)?)?;

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
