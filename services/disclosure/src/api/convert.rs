//! Between the contract's messages and the domain (转换).

use chrono::NaiveDate;
use wenxiao_contract::wenxiao::disclosure::v1 as wire;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::{self, Fields, enum_name, enum_word, timestamp};
use wenxiao_platform::{Failure, Result};

use super::figure;
use crate::domain::decision::{Decision, Proposal, Ruling};
use crate::domain::document::Section;
use crate::domain::due::Due;
use crate::domain::notice::Notice;
use crate::domain::publication::{Delivery, Publication, Withdrawal};
use crate::domain::words::{Audience, DocumentKind, PublicationKind, Word};
use crate::names;
use crate::store::Stored;
use crate::store::document::Frozen;

/// The member of a closed list that an enum's value stands for.
pub fn member<W: Word>(value: &str, prefix: &str) -> Option<W> {
    enum_word(value, prefix).and_then(|word| W::parse(&word))
}

/// The contract's value of an audience.
pub fn audience(audience: Audience) -> i32 {
    wire::Audience::from_str_name(&enum_name("AUDIENCE_", audience.as_str())).unwrap_or_default().into()
}

/// The contract's value of a kind of document.
pub fn document_kind(kind: DocumentKind) -> i32 {
    wire::DocumentKind::from_str_name(&enum_name("DOCUMENT_KIND_", kind.as_str())).unwrap_or_default().into()
}

/// The contract's value of a kind of publication.
pub fn publication_kind(kind: PublicationKind) -> i32 {
    wire::PublicationKind::from_str_name(&enum_name("PUBLICATION_KIND_", kind.as_str()))
        .unwrap_or_default()
        .into()
}

/// A decision as the contract has it.
pub fn decision(district: DistrictCode, stored: &Stored<Decision>) -> wire::DisclosureDecision {
    use wire::disclosure_decision::{Outcome, State};
    let decision = &stored.value;
    let (outcome, widest, ground) = match decision.proposal.ruling {
        Ruling::Publish(widest) => (Outcome::Publish, audience(widest), 0),
        Ruling::Withhold(ground) => {
            let name = enum_name("WITHHOLD_GROUND_", ground.as_str());
            (Outcome::Withhold, 0, wire::WithholdGround::from_str_name(&name).unwrap_or_default().into())
        }
    };
    wire::DisclosureDecision {
        name: names::decision(district, &decision.id),
        subject: decision.subject.clone(),
        document_kind: document_kind(decision.document_kind),
        title: decision.proposal.title.clone(),
        outcome: outcome.into(),
        widest_audience: widest,
        withhold_ground: ground,
        reason: decision.proposal.reason.clone(),
        legal_basis: decision.proposal.legal_basis.clone(),
        public_amount: decision.proposal.public_amount.map(convert::printed_amount),
        unit: decision.unit.clone(),
        secrecy_level: decision.secrecy.map(convert::secrecy).unwrap_or_default().into(),
        evaluated_year: decision.evaluated_year,
        proposer: decision.proposer.clone(),
        approver: decision.approval.as_ref().map(|approval| approval.0.clone()).unwrap_or_default(),
        approve_time: decision.approval.as_ref().map(|approval| timestamp(approval.1)),
        return_opinion: decision.return_opinion.clone(),
        state: State::from_str_name(&enum_name("STATE_", decision.state.as_str())).unwrap_or_default().into(),
        create_time: Some(timestamp(stored.created)),
        update_time: Some(timestamp(stored.updated)),
        etag: stored.etag(),
    }
}

/// What a request proposes.
pub fn proposal(message: &wire::DisclosureDecision) -> Result<Proposal> {
    use wire::disclosure_decision::Outcome;
    let missing = |field: &str, chinese: &str| {
        Err(Failure::invalid_field(format!("disclosure_decision.{field}"), chinese, "must be set"))
    };
    let widest = member(message.widest_audience().as_str_name(), "AUDIENCE_");
    let ground = member(message.withhold_ground().as_str_name(), "WITHHOLD_GROUND_");
    let ruling = match (message.outcome(), widest, ground) {
        (Outcome::Publish, Some(widest), _) => Ruling::Publish(widest),
        (Outcome::Withhold, _, Some(ground)) => Ruling::Withhold(ground),
        (Outcome::Publish, None, _) => return missing("widest_audience", "公开须填写最大公开范围"),
        (Outcome::Withhold, _, None) => return missing("withhold_ground", "不公开须填写依据类别"),
        (Outcome::Unspecified, ..) => return missing("outcome", "必填项未填写"),
    };
    let mut fields = Fields::default();
    let public_amount =
        fields.printed_amount("disclosure_decision.public_amount", message.public_amount.as_ref());
    fields.check()?;
    Ok(Proposal {
        title: message.title.clone(),
        ruling,
        reason: message.reason.clone(),
        legal_basis: message.legal_basis.clone(),
        public_amount,
    })
}

/// A deadline as the contract has it.
pub fn deadline(due: &Due, overdue: bool) -> wire::Deadline {
    wire::Deadline {
        rule: due.rule.rule.clone(),
        day_count: i32::from(due.rule.days),
        working_days: due.rule.working_days,
        basis_date: Some(convert::date(due.basis)),
        due_date: Some(convert::date(due.day)),
        overdue,
        explanation: Some(convert::explanation(&due.explanation)),
    }
}

/// A publication as the contract has it.
pub fn publication(
    district: DistrictCode,
    stored: &Stored<Publication>,
    due: Option<&Due>,
    today: NaiveDate,
) -> wire::Publication {
    use wire::publication::State;
    let Publication { id, kind, plan, state, release, withdrawal, deliveries } = &stored.value;
    let release = release.as_ref();
    let url =
        release.filter(|_| stored.value.is_public()).map(|_| crate::portal::publication_path(district, id));
    wire::Publication {
        name: names::publication(district, id),
        kind: publication_kind(*kind),
        title: plan.title.clone(),
        audiences: plan.audiences.iter().map(|to| audience(*to)).collect(),
        disclosure_decisions: plan.decisions.iter().map(|id| names::decision(district, id)).collect(),
        work_year: plan.work_year,
        evaluated_year: plan.evaluated_year,
        basis_date: plan.basis_date.map(convert::date),
        deadline: due.map(|due| deadline(due, stored.value.is_overdue(due, today))),
        state: State::from_str_name(&enum_name("STATE_", state.as_str())).unwrap_or_default().into(),
        document_count: release.map_or(0, |release| release.document_count),
        content_hash: release.map(|release| release.content_hash.clone()).unwrap_or_default(),
        url: url.unwrap_or_default(),
        publish_date: release.map(|release| convert::date(release.date)),
        publish_time: release.map(|release| timestamp(release.time)),
        publisher: release.map(|release| release.publisher.clone()).unwrap_or_default(),
        withdrawal: withdrawal.as_ref().map(withdrawal_record),
        deliveries: deliveries.iter().map(delivery).collect(),
        create_time: Some(timestamp(stored.created)),
        update_time: Some(timestamp(stored.updated)),
        etag: stored.etag(),
    }
}

fn withdrawal_record(withdrawal: &Withdrawal) -> wire::Withdrawal {
    wire::Withdrawal {
        reason: withdrawal.reason.clone(),
        public_note: withdrawal.public_note.clone(),
        withdrawer: withdrawal.withdrawer.clone(),
        withdraw_time: Some(timestamp(withdrawal.time)),
    }
}

fn delivery(delivery: &Delivery) -> wire::Delivery {
    wire::Delivery {
        audience: audience(delivery.audience),
        recipient: delivery.recipient.clone(),
        deliver_date: Some(convert::date(delivery.date)),
        reference: delivery.reference.clone(),
    }
}

/// Sections as the contract has them.
pub fn sections(sections: &[Section]) -> Vec<wire::DocumentSection> {
    let table = |table: &crate::domain::document::Table| wire::DocumentTable {
        caption: table.caption.clone(),
        columns: table.columns.clone(),
        rows: table.rows.iter().map(|row| wire::DocumentRow { cells: row.clone() }).collect(),
    };
    let section = |section: &Section| wire::DocumentSection {
        heading: section.heading.clone(),
        paragraphs: section.paragraphs.clone(),
        tables: section.tables.iter().map(table).collect(),
    };
    sections.iter().map(section).collect()
}

/// A frozen document as those who work on disclosure see it.
pub fn document(district: DistrictCode, frozen: &Frozen) -> wire::PublishedDocument {
    let url = if frozen.is_public {
        crate::portal::document_path(district, &frozen.publication, &frozen.id)
    } else {
        String::new()
    };
    wire::PublishedDocument {
        name: names::document(district, &frozen.publication, &frozen.id),
        kind: document_kind(frozen.document.kind),
        title: frozen.document.title.clone(),
        unit_title: frozen.document.unit_title.clone(),
        evaluated_year: frozen.document.evaluated_year,
        sections: sections(&frozen.document.sections),
        figures: frozen.document.figures.iter().map(figure::figure).collect(),
        content_hash: frozen.content_hash.clone(),
        publish_date: Some(convert::date(frozen.publish_date)),
        url,
        withdrawal: frozen.withdrawal.as_ref().map(withdrawal_record),
        publication_kind: publication_kind(frozen.publication_kind),
    }
}

/// A frozen document as anybody sees it: of a withdrawn one only the note, never reason and person.
pub fn public_document(district: DistrictCode, frozen: &Frozen) -> wire::PublishedDocument {
    let mut message = document(district, frozen);
    if let Some(withdrawal) = message.withdrawal.as_mut() {
        withdrawal.reason.clear();
        withdrawal.withdrawer.clear();
        message.sections.clear();
        message.figures.clear();
    }
    message
}

/// A notice as the contract has it.
pub fn notice(
    district: DistrictCode,
    stored: &Stored<Notice>,
    due: Option<&Due>,
    today: NaiveDate,
) -> wire::Notice {
    use wire::notice::State;
    let notice = &stored.value;
    let issued_on = notice.issue.as_ref().map_or(today, |issue| crate::time::local_day(issue.1));
    let answer = |answer: &crate::domain::notice::Answer| wire::NoticeAnswer {
        text: answer.text.clone(),
        accepted: answer.accepted,
        author: answer.author.clone(),
        answer_time: Some(timestamp(answer.time)),
    };
    wire::Notice {
        name: names::notice(district, &notice.id),
        subject: notice.subject.clone(),
        unit: notice.unit.clone(),
        title: notice.letter.title.clone(),
        document_number: notice.letter.document_number.clone(),
        findings: notice.letter.findings.clone(),
        suggestions: notice.letter.suggestions.clone(),
        answer_due_date: notice.letter.answer_due.map(convert::date),
        evaluated_year: notice.evaluated_year,
        score: notice.score.map(|score| convert::decimal(score.normalize())),
        grade: notice.grade.map(convert::grade).unwrap_or_default().into(),
        deadline: due.map(|due| deadline(due, issued_on > due.day)),
        state: State::from_str_name(&enum_name("STATE_", notice.state.as_str())).unwrap_or_default().into(),
        issuer: notice.issue.as_ref().map(|issue| issue.0.clone()).unwrap_or_default(),
        issue_time: notice.issue.as_ref().map(|issue| timestamp(issue.1)),
        acknowledger: notice.acknowledgement.as_ref().map(|receipt| receipt.0.clone()).unwrap_or_default(),
        acknowledge_time: notice.acknowledgement.as_ref().map(|receipt| timestamp(receipt.1)),
        answers: notice.answers.iter().map(answer).collect(),
        create_time: Some(timestamp(stored.created)),
        update_time: Some(timestamp(stored.updated)),
        etag: stored.etag(),
        basis_date: notice.letter.basis_date.map(convert::date),
    }
}
