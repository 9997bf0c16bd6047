//! The rules of the house about code: who may depend on whom, and what a rule may know.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

const SERVICES: [&str; 5] =
    ["wenxiao-registry", "wenxiao-targets", "wenxiao-monitoring", "wenxiao-evaluation", "wenxiao-disclosure"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What is built here: crates for other systems are not downloaded and not asked about.
fn metadata() -> Metadata {
    let mut command = MetadataCommand::new();
    command.manifest_path(root().join("Cargo.toml"));
    command.other_options(["--filter-platform".to_owned(), "x86_64-unknown-linux-gnu".to_owned()]);
    command.exec().expect("cargo metadata")
}

/// Crates of ours that a crate of ours may use.
fn allowed(name: &str) -> BTreeSet<&'static str> {
    match name {
        "wenxiao-contract" | "wenxiao-kernel" => BTreeSet::new(),
        "wenxiao-platform" => BTreeSet::from(["wenxiao-contract", "wenxiao-kernel"]),
        service if SERVICES.contains(&service) => {
            BTreeSet::from(["wenxiao-contract", "wenxiao-kernel", "wenxiao-platform"])
        }
        // The binary and the tests may use all of it; nothing may use them.
        _ => SERVICES
            .iter()
            .copied()
            .chain(["wenxiao-contract", "wenxiao-kernel", "wenxiao-platform"])
            .collect(),
    }
}

#[test]
fn dependencies_run_one_way() {
    let metadata = metadata();
    let mut wrong = Vec::new();
    for package in metadata.workspace_packages() {
        let may = allowed(&package.name);
        for dependency in &package.dependencies {
            let itself = dependency.name == package.name.as_str();
            if dependency.name.starts_with("wenxiao") && !itself && !may.contains(dependency.name.as_str()) {
                wrong.push(format!("{} must not depend on {}", package.name, dependency.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_licence_is_on_the_list() {
    #[derive(serde::Deserialize)]
    struct Deny {
        licenses: Licenses,
    }
    #[derive(serde::Deserialize)]
    struct Licenses {
        allow: BTreeSet<String>,
    }
    let deny: Deny =
        toml::from_str(&fs::read_to_string(root().join("deny.toml")).expect("deny.toml")).expect("TOML");
    let mut wrong = BTreeMap::new();
    for package in metadata().packages.iter().filter(|package| package.source.is_some()) {
        let licence =
            package.license.clone().unwrap_or_default().replace('/', " OR ").replace(['(', ')'], " ");
        // One of the alternatives must be wholly allowed; none of our dependencies mixes AND and OR deeper than that.
        let fits = licence
            .split(" OR ")
            .any(|way| way.split(" AND ").all(|one| deny.licenses.allow.contains(one.trim())));
        if !fits {
            wrong.insert(package.name.to_string(), licence);
        }
    }
    assert!(wrong.is_empty(), "licences that nobody has agreed to: {wrong:#?}");
}

/// Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn code_lines(file: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(file).expect("a source file");
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim().to_owned()));
    lines.filter(|(_, line)| !line.starts_with("//")).collect()
}

fn find(file: &Path, forbidden: &[&str], why: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in code_lines(file) {
        for word in forbidden.iter().filter(|word| line.contains(**word)) {
            found.push(format!("{}:{number}: {word} {why}", file.display()));
        }
    }
    found
}

#[test]
fn rules_know_no_io_no_clock_and_no_floats() {
    let mut wrong = Vec::new();
    let forbidden = [
        "sqlx",
        "tonic",
        "tokio",
        "prost",
        "wenxiao_contract",
        "wenxiao_platform",
        "Utc::now",
        "SystemTime",
        "f32",
        "f64",
        "async ",
    ];
    for service in SERVICES {
        let domain = root().join("services").join(service.trim_start_matches("wenxiao-")).join("src/domain");
        let files = sources(&domain);
        assert!(!files.is_empty(), "{} has no domain", service);
        for file in &files {
            wrong.extend(find(file, &forbidden, "has no place in domain/"));
        }
        let lints = fs::read_to_string(domain.join("mod.rs")).unwrap_or_default();
        for lint in ["unwrap_used", "expect_used", "panic", "indexing_slicing", "arithmetic_side_effects"] {
            if !lints.contains(&format!("clippy::{lint}")) {
                wrong.push(format!("{}/mod.rs does not deny clippy::{lint}", domain.display()));
            }
        }
    }
    for file in sources(&root().join("services/kernel/src")) {
        wrong.extend(find(&file, &["f32", "f64", "async "], "has no place in the kernel"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_lives_in_the_store() {
    let mut wrong = Vec::new();
    for service in SERVICES {
        let source = root().join("services").join(service.trim_start_matches("wenxiao-")).join("src");
        for file in sources(&source).iter().filter(|file| !file.starts_with(source.join("store"))) {
            wrong.extend(find(
                file,
                &["sqlx::query", "query!(", "query_as!(", "query_scalar!("],
                "belongs into store/",
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
