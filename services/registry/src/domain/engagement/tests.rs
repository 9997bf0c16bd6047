use super::*;

fn code(text: &str) -> AgencyCode {
    text.parse().unwrap_or_else(|_| unreachable!())
}

fn year(number: i32) -> FiscalYear {
    FiscalYear::try_from(number).unwrap_or_else(|_| unreachable!())
}

fn engagement(id: &str, kind: EngagementKind, principal: &str, objects: &[&str]) -> Engagement {
    Engagement {
        id: id.to_owned(),
        kind,
        participant: "institutions/JG01".to_owned(),
        principal: code(principal),
        title: String::new(),
        objects: objects.iter().map(|object| (*object).to_owned()).collect(),
        work_year: year(2021),
        evaluated_year: Some(year(2020)),
        start_date: "2021-06-15".parse().unwrap_or_default(),
        end_date: "2021-10-30".parse().unwrap_or_default(),
        contract_number: String::new(),
        fee: None,
        cancelled: false,
        verdict: Verdict::default(),
    }
}

fn around(principal: &str, bodies: &[&str]) -> Surroundings {
    Surroundings {
        principal_body: Some(code(principal)),
        objects: bodies
            .iter()
            .map(|body| ObjectOf { object: format!("units/{body}"), body: code(body) })
            .collect(),
        ..Surroundings::default()
    }
}

fn rules(enforced: bool) -> ConflictRules {
    ConflictRules {
        rule_set: "national".to_owned(),
        enforced,
        internal_work_reserved: enforced,
        cooling_years: 0,
    }
}

fn kinds(verdict: &Verdict) -> Vec<ConflictKind> {
    verdict.conflicts.iter().map(|conflict| conflict.kind).collect()
}

#[test]
fn nobody_engages_who_judges_their_own_spending() {
    let own = engagement("1", EngagementKind::Evaluation, "602001", &["projects/p"]);
    let verdict = own.judge(&around("602", &["602"]), &rules(true));
    assert_eq!((kinds(&verdict), verdict.allowed()), (vec![ConflictKind::PrincipalIsObject], false));
    let before = own.judge(&around("602", &["602"]), &rules(false));
    assert_eq!(
        (before.conflicts.len(), before.allowed()),
        (1, true),
        "found, and not forbidden up to FY2020"
    );
    let below = own.judge(&around("602", &["602002"]), &rules(true));
    assert!(below.allowed(), "a department may have its units evaluated");
    let review = engagement("1", EngagementKind::TargetReview, "602", &["units/602"]);
    assert_eq!(
        kinds(&review.judge(&around("602", &["602"]), &rules(true))),
        [ConflictKind::InternalWorkOutsourced]
    );
}

#[test]
fn who_helps_does_not_judge() {
    let judge = engagement("2", EngagementKind::Evaluation, "105", &["units/602"]);
    let helper = engagement("1", EngagementKind::AssistOnly, "602", &["units/602"]);
    let with = |other: &Engagement, bodies: &[&str]| Surroundings {
        others: vec![(other.clone(), bodies.iter().map(|body| code(body)).collect())],
        ..around("105", &["602"])
    };
    let verdict = judge.judge(&with(&helper, &["602"]), &rules(true));
    assert_eq!(kinds(&verdict), [ConflictKind::AssistedObject]);
    assert_eq!(verdict.conflicts.first().and_then(|c| c.engagement.as_deref()), Some("1"));
    assert!(judge.judge(&with(&helper, &["603"]), &rules(true)).allowed(), "another unit");
    let all = engagement("1", EngagementKind::AssistOnly, "105", &[]);
    assert!(!judge.judge(&with(&all, &[]), &rules(true)).allowed(), "it helps everybody");
    let old = Engagement { evaluated_year: Some(year(2019)), ..helper.clone() };
    assert!(judge.judge(&with(&old, &["602"]), &rules(true)).allowed(), "another year");
    let cooling = ConflictRules { cooling_years: 1, ..rules(true) };
    assert!(!judge.judge(&with(&old, &["602"]), &cooling).allowed());
    let reverse = helper.judge(&with(&judge, &["602"]), &rules(true));
    assert_eq!(kinds(&reverse), [ConflictKind::EvaluatedObject]);
    let gone = Engagement { cancelled: true, ..helper };
    assert!(judge.judge(&with(&gone, &["602"]), &rules(true)).allowed());
}

#[test]
fn the_participant_is_independent() {
    let judge = engagement("2", EngagementKind::Evaluation, "105", &["units/602"]);
    let controlled =
        Surroundings { controlling_body: Some(code("602")), suspended: true, ..around("105", &["602"]) };
    let verdict = judge.judge(&controlled, &rules(true));
    assert_eq!(kinds(&verdict), [ConflictKind::ParticipantSuspended, ConflictKind::ControlledParticipant]);
}

#[test]
fn an_engagement_ends_within_its_time_or_is_called_off() {
    let mut one = engagement("1", EngagementKind::Evaluation, "105", &["units/602"]);
    assert_eq!(one.check(), Ok(()));
    assert!(engagement("1", EngagementKind::Evaluation, "105", &[]).check().is_err());
    assert!(one.end(false, "2021-12-31".parse().unwrap_or_default(), "").is_err());
    assert!(one.end(true, NaiveDate::default(), "").is_err(), "why?");
    assert!(one.end(true, NaiveDate::default(), "流标").is_ok());
    assert_eq!(one.state("2021-07-01".parse().unwrap_or_default()), EngagementState::Cancelled);
    assert!(!EngagementKind::AssistOnly.may_sign_report());
}
