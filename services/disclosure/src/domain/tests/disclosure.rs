use chrono::{DateTime, Utc};
use proptest::prelude::*;
use wenxiao_kernel::calendar::Calendar;
use wenxiao_kernel::{Grade, Secrecy};

use crate::domain::Refusal;
use crate::domain::compose::ResultParts;
use crate::domain::decision::{Decision, Proposal, Ruling, State};
use crate::domain::document::{Document, Section, publication_hash};
use crate::domain::notice::{self, Answer, Letter, Notice};
use crate::domain::publication::{Delivery, Plan, Publication, Release, Withdrawal};
use crate::domain::rules::Rules;
use crate::domain::subject::{Content, Subject};
use crate::domain::words::{Audience, DocumentKind, PublicationKind, WithholdGround, Word};

fn now() -> DateTime<Utc> {
    "2020-11-20T08:00:00Z".parse().unwrap()
}

fn rules() -> Rules {
    Rules::national_default().unwrap()
}

fn subject(secrecy: Option<Secrecy>) -> Subject {
    Subject {
        name: "districts/350205000/keyEvaluations/k1".to_owned(),
        title: "某项目".to_owned(),
        unit: "districts/350205000/units/602001".to_owned(),
        unit_title: "某局".to_owned(),
        evaluated_year: 2019,
        secrecy,
        is_final: true,
        state: "fixed".to_owned(),
        score: "86.50".parse().ok(),
        grade: Some(Grade::Good),
        findings: vec!["预算执行率偏低".to_owned()],
        suggestions: vec!["加快执行".to_owned()],
        content: Content::KeyEvaluation(ResultParts::default()),
    }
}

fn publish(widest: Audience) -> Proposal {
    Proposal {
        title: String::new(),
        ruling: Ruling::Publish(widest),
        reason: String::new(),
        legal_basis: String::new(),
        public_amount: None,
    }
}

fn approved(subject: &Subject, widest: Audience) -> Result<Decision, Refusal> {
    let mut decision =
        Decision::draft("d1".into(), DocumentKind::KeyEvaluationReport, subject, publish(widest), "officer")?;
    decision.submit("officer")?;
    decision.approve("head", subject, &rules(), now())?;
    Ok(decision)
}

fn plan(audiences: &[Audience]) -> Plan {
    Plan {
        title: "评价报告汇编".into(),
        audiences: audiences.to_vec(),
        decisions: vec!["d1".into()],
        work_year: 2020,
        evaluated_year: 2019,
        basis_date: "2020-11-02".parse().ok(),
    }
}

#[test]
fn a_decision_is_approved_by_somebody_else_and_then_stands() {
    let subject = subject(None);
    let mut decision = Decision::draft(
        "d1".into(),
        DocumentKind::KeyEvaluationReport,
        &subject,
        publish(Audience::Public),
        "a",
    )
    .unwrap();
    assert!(decision.approve("b", &subject, &rules(), now()).is_err(), "not submitted yet");
    decision.submit("a").unwrap();
    assert_eq!(decision.approve("a", &subject, &rules(), now()), Err(Refusal::OwnProposal));
    decision.send_back("缺少依据").unwrap();
    decision.edit(publish(Audience::PeoplesCongress), "c").unwrap();
    decision.submit("c").unwrap();
    decision.approve("a", &subject, &rules(), now()).unwrap();
    assert_eq!(
        decision.secrecy,
        Some(Secrecy::None),
        "approving says that an unmarked subject is not secret"
    );
    assert!(decision.edit(publish(Audience::Public), "c").is_err());
    assert!(decision.permits(Audience::ExecutiveMeeting) && !decision.permits(Audience::Public));
    decision.supersede().unwrap();
    assert!(!decision.permits(Audience::DistrictLeaders));
}

#[test]
fn withholding_needs_a_reason_and_lets_nothing_out() {
    let subject = subject(None);
    let mut proposal = publish(Audience::Public);
    proposal.ruling = Ruling::Withhold(WithholdGround::TradeSecret);
    let draft =
        |proposal| Decision::draft("d".into(), DocumentKind::KeyEvaluationReport, &subject, proposal, "a");
    assert!(draft(proposal.clone()).is_err());
    proposal.reason = "涉及供应商报价".into();
    let mut decision = draft(proposal).unwrap();
    decision.submit("a").unwrap();
    decision.approve("b", &subject, &rules(), now()).unwrap();
    assert!(Audience::TABLE.iter().all(|row| !decision.permits(row.0)));
}

#[test]
fn secrets_never_reach_the_public_whenever_they_became_secret() {
    assert!(matches!(
        approved(&subject(Some(Secrecy::Classified)), Audience::DistrictLeaders),
        Err(Refusal::Secret { .. })
    ));
    assert!(matches!(
        approved(&subject(Some(Secrecy::Internal)), Audience::Public),
        Err(Refusal::Secret { .. })
    ));
    let decision = approved(&subject(None), Audience::Public).unwrap();
    let kind = PublicationKind::ReportCompilation;
    let publication = Publication::draft("p".into(), kind, plan(&[Audience::Public]), &rules()).unwrap();
    publication.check_release(&[(decision.clone(), subject(None))], &rules()).unwrap();
    let since_marked = subject(Some(Secrecy::Classified));
    assert!(matches!(
        publication.check_release(&[(decision, since_marked)], &rules()),
        Err(Refusal::Secret { .. })
    ));
}

#[test]
fn what_is_not_final_is_process_information() {
    let mut draft = subject(None);
    draft.is_final = false;
    assert!(matches!(approved(&draft, Audience::Public), Err(Refusal::NotFinal { .. })));
}

#[test]
fn a_publication_freezes_and_only_its_withdrawal_is_added() {
    let kind = PublicationKind::ReportCompilation;
    assert_eq!(
        Publication::draft("p".into(), kind, plan(&[Audience::DistrictLeaders]), &rules()),
        Err(Refusal::AudienceNotAllowed(Audience::DistrictLeaders))
    );
    let mut publication = Publication::draft(
        "p".into(),
        kind,
        plan(&[Audience::PeoplesCongress, Audience::Participants]),
        &rules(),
    )
    .unwrap();
    assert_eq!(publication.check_release(&[], &rules()), Err(Refusal::Empty));
    let narrow = approved(&subject(None), Audience::PeoplesCongress).unwrap();
    assert_eq!(
        publication.check_release(&[(narrow, subject(None))], &rules()),
        Err(Refusal::NotApproved { decision: "d1".into(), audience: Audience::Participants })
    );
    let due = publication.due(&rules(), &Calendar::built_in().unwrap()).unwrap();
    assert_eq!(due.day, "2020-11-30".parse().unwrap());
    let release = Release {
        publisher: "head".into(),
        time: now(),
        date: "2020-12-01".parse().unwrap(),
        content_hash: publication_hash(["a", "b"]),
        document_count: 1,
    };
    publication.release(release.clone()).unwrap();
    assert!(publication.is_overdue(&due, "2021-01-01".parse().unwrap()));
    assert!(publication.edit(plan(&[Audience::PeoplesCongress]), &rules()).is_err());
    assert!(publication.release(release).is_err());
    let delivery = |audience| Delivery {
        audience,
        recipient: "区人大常委会".into(),
        date: "2020-12-02".parse().unwrap(),
        reference: String::new(),
    };
    publication.deliver(delivery(Audience::PeoplesCongress)).unwrap();
    assert!(publication.deliver(delivery(Audience::Public)).is_err());
    let withdrawal = Withdrawal {
        reason: "数据有误".into(),
        public_note: "已撤回".into(),
        withdrawer: "head".into(),
        time: now(),
    };
    publication.withdraw(withdrawal.clone()).unwrap();
    assert!(publication.withdraw(withdrawal).is_err());
}

#[test]
fn a_notice_goes_out_once_and_keeps_every_answer() {
    let subject = subject(None);
    let mut sent = Notice::draft("n".into(), &subject, String::new(), Letter::default()).unwrap();
    assert_eq!(sent.letter.findings, subject.findings);
    let answer =
        |text: &str| Answer { text: text.into(), accepted: true, author: "unit".into(), time: now() };
    assert!(sent.answer(answer("早了")).is_err());
    sent.issue(&subject, "officer", now()).unwrap();
    assert_eq!(sent.grade, Some(Grade::Good));
    sent.answer(answer("整改措施一")).unwrap();
    sent.answer(answer("补充")).unwrap();
    assert_eq!((sent.answers.len(), sent.acknowledgement.is_some()), (2, true));
    assert!(sent.acknowledge("unit", now()).is_err());
    sent.close().unwrap();
    assert_eq!(sent.state, notice::State::Closed);
}

fn document(title: &str, paragraph: &str) -> Document {
    Document {
        kind: DocumentKind::KeyEvaluationReport,
        title: title.to_owned(),
        unit_title: "某局".to_owned(),
        evaluated_year: 2019,
        sections: vec![Section::of("结论", [paragraph.to_owned()])],
        figures: Vec::new(),
    }
}

#[test]
fn words_of_storage_come_back() {
    for (kind, word, _) in PublicationKind::TABLE {
        assert_eq!(PublicationKind::parse(word), Some(*kind));
        assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{word}\""));
        assert!(rules().kind(*kind).is_some(), "no rule for {word}");
    }
    assert_eq!(State::parse("approved"), Some(State::Approved));
}

proptest! {
    #[test]
    fn a_hash_tells_every_difference_and_survives_storage(a in "\\PC{1,30}", b in "\\PC{1,30}") {
        let (one, other) = (document("报告", &a), document("报告", &b));
        prop_assert_eq!(one.content_hash().unwrap() == other.content_hash().unwrap(), a == b);
        let stored: Document = serde_json::from_value(serde_json::to_value(&one).unwrap()).unwrap();
        prop_assert_eq!(stored.content_hash().unwrap(), one.content_hash().unwrap());
    }

    #[test]
    fn the_ladder_is_monotone(widest in 0usize..6, asked in 0usize..6) {
        let all: Vec<Audience> = Audience::TABLE.iter().map(|row| row.0).collect();
        if all[widest].reaches(all[asked]) && asked < 5 {
            prop_assert!(all[..asked].iter().all(|narrower| all[widest].reaches(*narrower)));
        }
    }
}
