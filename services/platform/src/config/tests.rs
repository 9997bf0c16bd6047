use std::collections::HashMap;

use super::*;

fn load(
    file: &str,
    variables: &[(&str, &str)],
    arguments: &[(&'static str, String)],
) -> Result<Config, InvalidConfig> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wenxiao.toml");
    std::fs::write(&path, file).unwrap();
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    Config::load(Some(&path), |name| variables.get(name).map(|value| (*value).to_owned()), arguments)
}

#[test]
fn nothing_has_to_be_set() {
    let config = Config::load(None, |_| None, &[]).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:50051");
    assert!(config.database.url.is_none() && config.redis_url.is_none() && config.identity.issuer.is_none());
    assert_eq!(config.data_dir, PathBuf::from("/var/lib/wenxiao"));
    assert_eq!(config.server.shutdown, Duration::from_secs(25));
}

#[test]
fn the_file_the_environment_and_the_command_line_override_in_this_order() {
    let file = "listen = '127.0.0.1:1'\nhttp = '127.0.0.1:1'\n[server]\nmax_in_flight = 7\n";
    let variables = [
        ("WENXIAO_LISTEN", "127.0.0.1:2"),
        ("WENXIAO_HTTP", "127.0.0.1:2"),
        ("DATABASE_URL", "postgres://a"),
    ];
    let config = load(file, &variables, &[("http", "127.0.0.1:3".to_owned())]).unwrap();
    assert_eq!((config.listen.port(), config.http.port(), config.server.max_in_flight), (2, 3, 7));
    assert_eq!(config.database.url.unwrap().expose(), "postgres://a");
}

#[test]
fn our_own_variables_are_stronger_than_the_common_ones() {
    let variables = [("DATABASE_URL", "postgres://a"), ("WENXIAO_DATABASE_URL", "postgres://b")];
    assert_eq!(load("", &variables, &[]).unwrap().database.url.unwrap().expose(), "postgres://b");
}

#[test]
fn all_problems_come_at_once_with_their_origin() {
    let file = "lisen = 'x'\n[telemetry]\nlog = 'xml'\n[server]\nmax_in_flight = 0\n";
    let variables = [
        ("WENXIAO_LISTEN", "nowhere"),
        ("WENXIAO_ISSUER", "https://id"),
        ("WENXIAO_DISTRICTS", "350205000,35"),
    ];
    let InvalidConfig(problems) =
        load(file, &variables, &[("redis.url", "rediss://r".to_owned())]).unwrap_err();
    let all = problems.join("\n");
    for expected in [
        "there is no setting lisen",
        "telemetry.log",
        "server.max_in_flight",
        "listen (environment WENXIAO_LISTEN)",
        "identity.issuer (environment WENXIAO_ISSUER) needs identity.jwks_file",
        "districts (environment WENXIAO_DISTRICTS)",
        "redis.url (command line)",
    ] {
        assert!(all.contains(expected), "{expected} is not in\n{all}");
    }
    assert_eq!(problems.len(), 7, "{all}");
}

#[test]
fn what_is_in_force_is_shown_without_secrets() {
    let variables =
        [("WENXIAO_DATABASE_URL", "postgres://wenxiao:s3cret@db:5432/x"), ("WENXIAO_DISTRICTS", "350205000")];
    let config = load("", &variables, &[]).unwrap();
    let shown = config.render_masked();
    assert!(
        shown.contains("postgres://wenxiao:•••@db:5432/x")
            && shown.contains("environment WENXIAO_DATABASE_URL")
    );
    assert!(!shown.contains("s3cret") && !format!("{config:?}").contains("s3cret"));
    assert_eq!(shown.lines().count(), SETTINGS.len());
    assert_eq!(config.districts, ["350205000".parse().unwrap()]);
}

#[test]
fn the_documented_defaults_name_every_setting_and_variable() {
    for setting in SETTINGS {
        let name = setting.key.rsplit('.').next().unwrap();
        assert!(DEFAULTS.contains(&format!("{name} = ")), "{} is not documented", setting.key);
    }
}
