//! Every RPC is called by everybody who may not: without a token, from another district, in every other role. An RPC
//! without a row in `authorisation.toml` fails the suite.

use std::collections::{BTreeMap, BTreeSet};

use tonic::Code;
use wenxiao_platform::identity::{Principal, Role};
use wenxiao_platform::testing::{TestSuite, caller};
use wenxiao_tests::{rpc, services};

/// `"/package.Service/Rpc" = "role role role"`.
type Matrix = BTreeMap<String, String>;

fn matrix() -> Matrix {
    toml::from_str(include_str!("authorisation.toml")).expect("authorisation.toml is readable")
}

fn roles_of(row: &str) -> BTreeSet<Role> {
    row.split_whitespace().map(|word| word.parse().expect("a role")).collect()
}

fn in_role(role: Role) -> Principal {
    let unit = Some("101001".to_owned());
    match role {
        Role::Public => Principal::anonymous(),
        Role::Service => Principal::service("test"),
        _ => Principal { unit, participant: Some("p1".to_owned()), ..caller(role) },
    }
}

#[test]
fn every_call_has_its_case_and_every_case_its_call() {
    let calls: BTreeSet<String> = rpc::all().iter().map(rpc::path).collect();
    let cases: BTreeSet<String> = matrix().into_keys().collect();
    let missing: Vec<_> = calls.difference(&cases).collect();
    assert!(missing.is_empty(), "RPCs without an authorisation case: {missing:#?}");
    let stale: Vec<_> = cases.difference(&calls).collect();
    assert!(stale.is_empty(), "authorisation cases without an RPC: {stale:#?}");
}

/// One line per RPC and role that is answered otherwise than the matrix says.
#[tokio::test]
async fn who_may_not_is_refused_and_who_may_is_not() {
    let suite = TestSuite::start(&services()).await;
    let matrix = matrix();
    let mut wrong = Vec::new();
    for method in rpc::all() {
        let path = rpc::path(&method);
        let allowed = matrix.get(&path).map(|row| roles_of(row)).unwrap_or_default();
        for role in Role::ALL {
            let request = rpc::addressed_request(&method, "350205000");
            let answer = rpc::call(suite.as_caller(in_role(*role)), &method, request).await;
            let code = answer.err().map_or(Code::Ok, |status| status.code());
            let refused = matches!(code, Code::PermissionDenied | Code::Unauthenticated);
            let expected = if *role == Role::Public { Code::Unauthenticated } else { Code::PermissionDenied };
            match (allowed.contains(role), refused) {
                (true, true) => wrong.push(format!("{path}: {role} may, and is refused ({code:?})")),
                (false, false) => wrong.push(format!("{path}: {role} may not, and is answered ({code:?})")),
                (false, true) if code != expected => wrong.push(format!("{path}: {role} gets {code:?}")),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn another_districts_token_finds_nothing() {
    let suite = TestSuite::start(&services()).await;
    let matrix = matrix();
    let mut wrong = Vec::new();
    for method in rpc::all() {
        let path = rpc::path(&method);
        let Some(row) = matrix.get(&path) else { continue };
        for role in roles_of(row) {
            if matches!(role, Role::Public | Role::Service) {
                continue; // they are of no district
            }
            let elsewhere = "350203000".parse().expect("a district");
            let stranger = Principal { districts: vec![elsewhere], ..in_role(role) };
            let request = rpc::addressed_request(&method, "350205000");
            let answer = rpc::call(suite.as_caller(stranger), &method, request).await;
            match answer {
                Err(status) if matches!(status.code(), Code::NotFound | Code::Unimplemented) => {}
                Err(status) => {
                    wrong.push(format!("{path}: {role} of another district gets {:?}", status.code()))
                }
                Ok(_) => wrong.push(format!("{path}: {role} of another district is answered")),
            }
        }
    }
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Writes the matrix as the policies make it now, for a person to read line by line before it is kept:
/// `cargo nextest run -p wenxiao-tests --run-ignored all print_the_matrix --no-capture`.
#[tokio::test]
#[ignore = "a tool for whoever adds an RPC"]
async fn print_the_matrix() {
    let suite = TestSuite::start(&services()).await;
    for method in rpc::all() {
        let mut allowed = Vec::new();
        for role in Role::ALL {
            let request = rpc::addressed_request(&method, "350205000");
            let answer = rpc::call(suite.as_caller(in_role(*role)), &method, request).await;
            let code = answer.err().map_or(Code::Ok, |status| status.code());
            if !matches!(code, Code::PermissionDenied | Code::Unauthenticated) {
                allowed.push(role.as_str());
            }
        }
        println!("{:?} = {:?}", rpc::path(&method), allowed.join(" "));
    }
}
