//! RecommendIndicators: what is found, why, and by which index.

mod support;

use std::time::Duration;

use support::{HAICANG, Registry, an_indicator, date, decimal, refusal};
use tonic::Code;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::registry::v1::*;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_platform::identity::Role;
use wenxiao_platform::projection::Projection;
use wenxiao_platform::testing::{haicang, unit_caller};

fn ask(title: &str) -> RecommendIndicatorsRequest {
    RecommendIndicatorsRequest {
        parent: HAICANG.into(),
        fiscal_year: 2020,
        title: title.into(),
        unit: format!("{HAICANG}/units/602002"),
        ..Default::default()
    }
}

async fn recommend(registry: &Registry, ask: RecommendIndicatorsRequest) -> RecommendIndicatorsResponse {
    let mut officer = registry.library(Role::FinancePerformanceOfficer);
    officer.recommend_indicators(ask).await.expect("suggestions").into_inner()
}

fn codes(answer: &RecommendIndicatorsResponse) -> Vec<&str> {
    answer.suggestions.iter().filter_map(|one| one.indicator.as_ref()).map(|one| one.code.as_str()).collect()
}

/// Part and points of each reason, as `LastYear 30`.
fn parts(suggestion: &IndicatorSuggestion) -> Vec<String> {
    let reason = |reason: &SuggestionReason| {
        assert!(reason.sentence.chars().count() > 5, "{reason:?}");
        format!(
            "{:?} {}",
            reason.part(),
            reason.points.as_ref().map(|points| points.value.as_str()).unwrap_or_default()
        )
    };
    suggestion.reasons.iter().map(reason).collect()
}

/// Tells the registry that a project's form was ratified.
async fn ratified(registry: &Registry, project: &str, year: i32, indicators: &[(&str, &str)]) {
    let indicator = |(title, picked): &(&str, &str)| targets::Indicator {
        title: (*title).to_owned(),
        library_indicator: if picked.is_empty() {
            String::new()
        } else {
            format!("{HAICANG}/indicators/{picked}")
        },
        ..Default::default()
    };
    let objective = targets::Objective {
        name: format!("{HAICANG}/objectives/{project}-{year}"),
        subject: Some(targets::objective::Subject::Project(format!("{HAICANG}/projects/{project}"))),
        fiscal_year: year,
        state: targets::objective::State::Ratified.into(),
        ratified_version: 1,
        content: Some(targets::ObjectiveContent {
            indicators: indicators.iter().map(indicator).collect(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let resource = prost_types::Any {
        type_url: "type.googleapis.com/wenxiao.targets.v1.Objective".into(),
        value: prost::Message::encode_to_vec(&objective),
    };
    let event = Event { resource: Some(resource), ..Default::default() };
    let mut connection = registry.suite.superuser().await;
    wenxiao_registry::projections::Targets
        .apply(&mut connection, haicang(), &event)
        .await
        .expect("a projection");
}

#[tokio::test]
async fn rural_waste_sorting_finds_waste_sorting_and_no_noise_first() {
    let registry = Registry::start().await;
    registry.department().await;
    for (code, title) in [
        ("LJ1", "生活垃圾分类覆盖率"),
        ("LJ2", "垃圾分类宣传场次"),
        ("LJ3", "垃圾清运量"),
        ("N1", "图书分类上架数量"),
        ("N2", "困难群众生活补贴人数"),
        ("N3", "农村道路硬化里程"),
        ("N4", "学校食堂就餐人数"),
    ] {
        registry.indicator(an_indicator(code, title)).await;
    }
    let found = recommend(&registry, ask("2020年农村生活垃圾分类专项经费")).await;
    let order = codes(&found);
    assert_eq!(order[..2], ["LJ1", "LJ2"], "{order:?}");
    assert!(!order.contains(&"N4"), "it has none of the words");
    let points =
        |place: usize| found.suggestions[place].points.as_ref().unwrap().value.parse::<f64>().unwrap();
    assert!(points(1) > points(2), "垃圾分类 stands before what has one word only: {order:?}");
    assert!(
        ["农村", "垃圾", "分类"].iter().all(|word| found.words.iter().any(|one| one == word)),
        "{:?}",
        found.words
    );
    let one =
        recommend(&registry, RecommendIndicatorsRequest { max_suggestions: 1, ..ask("农村生活垃圾分类") })
            .await;
    assert_eq!(codes(&one), ["LJ1"]);
    let none = recommend(&registry, ask("2020 年度专项经费")).await;
    assert!(none.suggestions.is_empty() && none.words.is_empty());
}

#[tokio::test]
async fn the_text_index_is_used() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.indicator(an_indicator("LJ1", "生活垃圾分类覆盖率")).await;
    let mut database = registry.suite.superuser().await;
    // A library of a size at which an index matters, with words that no project of the test has.
    sqlx::raw_sql(
        "insert into registry.indicators (district, id, version, body, create_time, update_time)
         select district, 'F' || n, 1, body || jsonb_build_object('id', 'F' || n, 'code', 'F' || n,
                'title', '填充' || n, 'words', '词' || n % 700), create_time, update_time
         from registry.indicators cross join generate_series(1, 5000) n where id = 'LJ1';
         analyze registry.indicators",
    )
    .execute(&mut database)
    .await
    .unwrap();
    let plan: Vec<String> = {
        sqlx::raw_sql("set role wenxiao_registry_across").execute(&mut database).await.unwrap();
        let explain = "explain select id from registry.indicators
            where district = 350205000 and search @@ '''垃圾'' | ''分类'''::tsquery and frame = 'classic'";
        let plan = sqlx::query_scalar(explain).fetch_all(&mut database).await.unwrap();
        sqlx::raw_sql("reset role").execute(&mut database).await.unwrap();
        plan
    };
    let plan = plan.join("\n");
    assert!(plan.contains("Bitmap Index Scan on indicators_search"), "{plan}");
    assert!(plan.contains("Index Cond: ((district = 350205000) AND (search @@"), "{plan}");

    assert_eq!(codes(&recommend(&registry, ask("农村生活垃圾分类")).await), ["LJ1"]);
    let used =
        "select idx_scan, idx_tup_read from pg_stat_user_indexes where indexrelname = 'indicators_search'";
    for _ in 0..40 {
        // Postgres adds up what its sessions did every second or so.
        let (scans, read): (i64, i64) = sqlx::query_as(used).fetch_one(&mut database).await.unwrap();
        if scans > 0 {
            assert!(read < 10, "{read} of 5001 entries were read: the words did not narrow the scan");
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("the call read another way");
}

#[tokio::test]
async fn what_was_used_last_year_and_by_similar_projects_counts() {
    let registry = Registry::start().await;
    registry.department().await;
    for id in ["P1", "P2", "P3"] {
        registry.project(id, "602002").await;
    }
    registry.indicator(an_indicator("A", "清运车辆数")).await;
    registry.indicator(an_indicator("B", "保洁员人数")).await;
    registry.indicator(an_indicator("C", "管网排查长度")).await;
    registry
        .indicator(Indicator {
            common: false,
            unit: format!("{HAICANG}/units/602"),
            project_categories: vec![ProjectCategory::SpecificPurpose.into()],
            ..an_indicator("D", "示范点数量")
        })
        .await;
    registry
        .indicator(Indicator {
            project_categories: vec![ProjectCategory::Personnel.into()],
            ..an_indicator("E", "管网排查人员")
        })
        .await;
    ratified(&registry, "P1", 2019, &[("清运车辆数", "")]).await;
    ratified(&registry, "P2", 2019, &[("保洁员", "B"), ("别的", "")]).await;
    ratified(&registry, "P3", 2019, &[("保洁人数", "B")]).await;
    // A later form of the same year replaces the earlier one.
    ratified(&registry, "P2", 2019, &[("保洁员", "B")]).await;

    let of_project = RecommendIndicatorsRequest {
        parent: HAICANG.into(),
        project: format!("{HAICANG}/projects/P1"),
        fiscal_year: 2020,
        ..Default::default()
    };
    let found = recommend(&registry, of_project.clone()).await;
    assert_eq!(codes(&found), ["A", "C", "D", "B"], "E is for pay only: {found:?}");
    assert_eq!(parts(&found.suggestions[0]), ["LastYear 30"]);
    assert_eq!(parts(&found.suggestions[2]), ["SameDepartment 10", "SameCategory 5"]);
    assert_eq!(parts(&found.suggestions[3]), ["SimilarProjects 6"]);
    assert!(found.suggestions[3].reasons[0].sentence.contains("2个项目"));

    let known = RecommendIndicatorsRequest {
        last_year_titles: vec!["管网排查长度".into()],
        ..of_project.clone()
    };
    assert_eq!(codes(&recommend(&registry, known).await)[0], "C", "the caller knows last year's form");
    let later = RecommendIndicatorsRequest { fiscal_year: 2022, ..of_project };
    assert!(
        recommend(&registry, later).await.suggestions.is_empty(),
        "another frame, and nothing of its last year"
    );
}

#[tokio::test]
async fn a_unit_asks_for_its_own_projects() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.unit("603", unit::Kind::Department).await;
    registry.unit("603001", unit::Kind::OwnUnit).await;
    registry.project("P1", "602002").await;
    let ask_of = |project: &str| RecommendIndicatorsRequest {
        parent: HAICANG.into(),
        project: format!("{HAICANG}/projects/{project}"),
        fiscal_year: 2020,
        ..Default::default()
    };
    let mut own = registry.library_as(unit_caller(Role::UnitFiler, "602002"));
    let mut other = registry.library_as(unit_caller(Role::UnitFiler, "603001"));
    own.recommend_indicators(ask_of("P1")).await.unwrap();
    assert_eq!(refusal(other.recommend_indicators(ask_of("P1")).await).0, Code::NotFound);
    let disguised = RecommendIndicatorsRequest { unit: format!("{HAICANG}/units/603001"), ..ask_of("P1") };
    assert_eq!(refusal(other.recommend_indicators(disguised).await).0, Code::NotFound);
    assert_eq!(refusal(own.recommend_indicators(ask_of("P9")).await).0, Code::NotFound);
    let nothing =
        RecommendIndicatorsRequest { parent: HAICANG.into(), fiscal_year: 2020, ..Default::default() };
    assert_eq!(refusal(own.recommend_indicators(nothing).await).0, Code::InvalidArgument);
    let mut guest = registry.library(Role::ThirdPartyReviewer);
    assert_eq!(refusal(guest.recommend_indicators(ask_of("P1")).await).0, Code::PermissionDenied);
}

#[tokio::test]
async fn the_points_are_rules_of_the_budget_year_and_the_districts_go_first() {
    let registry = Registry::start().await;
    registry.department().await;
    registry.indicator(an_indicator("A", "垃圾分类覆盖率")).await;
    let newer = Indicator {
        indicator_frame: format!("{HAICANG}/indicatorFrames/cost-first"),
        node_code: "21".into(),
        ..an_indicator("B", "垃圾分类覆盖率")
    };
    registry.indicator(newer).await;
    let of_year = async |year: i32| {
        let found =
            recommend(&registry, RecommendIndicatorsRequest { fiscal_year: year, ..ask("垃圾分类") }).await;
        let origin = found.rule_origin.clone().unwrap_or_default();
        let set = origin.rule_set.rsplit('/').next().unwrap_or_default().to_owned();
        (set, origin.verified, found.suggestions.first().map(parts).unwrap_or_default())
    };
    let told = |set: &str, part: &str| (set.to_owned(), false, vec![part.to_owned()]);
    assert_eq!(of_year(2020).await, told("national-2020", "TextMatch 40"));
    assert_eq!(of_year(2100).await, told("national-2021", "TextMatch 40"));
    let own = RuleSet {
        title: "海沧区推荐分值".into(),
        start_date: Some(date(2100, 1, 1)),
        content: Some(RuleContent {
            recommendation: Some(RecommendationRules {
                text_match: Some(decimal("7.5")),
                last_year: Some(decimal("1")),
                similar_projects: Some(decimal("0")),
                similar_projects_full: 3,
                same_department: Some(decimal("0")),
                same_category: Some(decimal("0")),
            }),
            ..Default::default()
        }),
        ..RuleSet::default()
    };
    let ask = CreateRuleSetRequest {
        parent: HAICANG.into(),
        rule_set: Some(own.clone()),
        rule_set_id: "own".into(),
        ..Default::default()
    };
    registry.library(Role::FinanceHead).create_rule_set(ask.clone()).await.unwrap();
    assert_eq!(of_year(2100).await, told("own", "TextMatch 7.5"));
    assert_eq!(of_year(2099).await, told("national-2021", "TextMatch 40"), "an older year by its own rules");
    let mut nothing = own;
    if let Some(rules) = nothing.content.as_mut().and_then(|content| content.recommendation.as_mut()) {
        (rules.text_match, rules.last_year) = (Some(decimal("0")), Some(decimal("0")));
    }
    let refused = CreateRuleSetRequest { rule_set: Some(nothing), rule_set_id: "none".into(), ..ask };
    let refused = registry.library(Role::FinanceHead).create_rule_set(refused).await;
    assert_eq!(refusal(refused), (Code::InvalidArgument, "INVALID_REQUEST".into()));
}
