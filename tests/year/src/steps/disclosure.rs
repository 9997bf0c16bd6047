//! What leaves, to whom: decisions, three kinds of publication, hand-overs (信息公开).

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use wenxiao_contract::wenxiao::disclosure::v1::{
    ApproveDisclosureDecisionRequest, Audience, CreateDisclosureDecisionRequest, CreatePublicationRequest,
    Delivery, DisclosureDecision, DocumentKind, Publication, PublicationKind, PublishPublicationRequest,
    RecordDeliveryRequest, SubmitDisclosureDecisionRequest, disclosure_decision,
};

use crate::clients::Office;
use crate::data::rows::{DisclosureItemRow, DisclosureRow};
use crate::play::Play;
use crate::wire::{date, request_id};

/// Decides about every document, then publishes each set and notes who got it.
pub async fn publish(play: &Play) -> Result<()> {
    play.settled().await?;
    let mut sets: BTreeMap<(String, PublicationKind), Vec<&DisclosureRow>> = BTreeMap::new();
    for row in &play.data.disclosures {
        sets.entry((row.id.clone(), kind(row)?)).or_default().push(row);
    }
    let mut documents = BTreeMap::new();
    for (id, kind) in sets.keys() {
        for item in play.data.disclosure_items.iter().filter(|item| item.publication == *id) {
            let (key, decision) = decision(play, item, *kind);
            documents.insert(key, decision);
        }
    }
    play.each("公开决定", documents, |(id, decision)| decide(play, id, decision)).await?;
    play.each("公开", sets, |((id, kind), rows)| async move { publish_set(play, &id, kind, &rows).await })
        .await
}

/// Which kind of publication carries a row's documents to its audience.
fn kind(row: &DisclosureRow) -> Result<PublicationKind> {
    Ok(match (row.kind.as_str(), audience(&row.audience)?) {
        ("绩效目标表", _) => PublicationKind::ObjectiveTables,
        ("重点评价结果", Audience::DistrictLeaders | Audience::ExecutiveMeeting) => {
            PublicationKind::SpecialReport
        }
        ("重点评价结果", _) => PublicationKind::ReportCompilation,
        ("评价结果通知", _) => PublicationKind::UnitResults,
        (other, _) => bail!("{other:?} is no kind of publication"),
    })
}

fn audience(word: &str) -> Result<Audience> {
    Ok(match word {
        "区领导" => Audience::DistrictLeaders,
        "区政府常务会" => Audience::ExecutiveMeeting,
        "区人大" => Audience::PeoplesCongress,
        "参与评价的区人大代表和政协委员" => Audience::Participants,
        "社会公众" => Audience::Public,
        "被评价单位" => Audience::EvaluatedUnits,
        other => bail!("{other:?} is no audience"),
    })
}

/// The decision about an item's document, and its id: one decision serves every publication of the document.
fn decision(play: &Play, item: &DisclosureItemRow, kind: PublicationKind) -> (String, DisclosureDecision) {
    let (id, subject, document, widest) = match kind {
        PublicationKind::ObjectiveTables => (
            format!("objective-{}-{}", item.content_year, item.project),
            play.objective(item.content_year, &item.project),
            DocumentKind::ObjectiveTable,
            Audience::Public,
        ),
        PublicationKind::UnitResults => (
            format!("result-{}", item.evaluation),
            play.name("keyEvaluations", &item.evaluation),
            DocumentKind::KeyEvaluationResult,
            Audience::EvaluatedUnits,
        ),
        _ => (
            format!("report-{}", item.evaluation),
            play.name("keyEvaluations", &item.evaluation),
            DocumentKind::KeyEvaluationReport,
            Audience::Participants,
        ),
    };
    let decision = DisclosureDecision {
        subject,
        document_kind: document.into(),
        outcome: disclosure_decision::Outcome::Publish.into(),
        widest_audience: widest.into(),
        reason: item.reason.clone(),
        ..DisclosureDecision::default()
    };
    (id, decision)
}

/// The performance division proposes, the head approves.
pub async fn decide(play: &Play, id: String, decision: DisclosureDecision) -> Result<()> {
    let name = play.name("disclosureDecisions", &id);
    let request = CreateDisclosureDecisionRequest {
        parent: play.district(),
        disclosure_decision: Some(decision),
        disclosure_decision_id: id.clone(),
        request_id: request_id("disclosure.propose", &id),
    };
    let _: DisclosureDecision = play.call(&Office::performance(), request).await?;
    let request = SubmitDisclosureDecisionRequest {
        name: name.clone(),
        etag: String::new(),
        request_id: request_id("disclosure.submit", &id),
    };
    let _: DisclosureDecision = play.call(&Office::performance(), request).await?;
    let request = ApproveDisclosureDecisionRequest {
        name,
        etag: String::new(),
        request_id: request_id("disclosure.approve", &id),
    };
    let _: DisclosureDecision = play.call(&Office::head(), request).await?;
    Ok(())
}

async fn publish_set(play: &Play, id: &str, kind: PublicationKind, rows: &[&DisclosureRow]) -> Result<()> {
    let first = rows.first().context("a publication without audience")?;
    let items = play.data.disclosure_items.iter().filter(|item| item.publication == id);
    let decisions = items.map(|item| play.name("disclosureDecisions", &decision(play, item, kind).0));
    let audiences: BTreeSet<i32> =
        rows.iter().map(|row| Ok(audience(&row.audience)?.into())).collect::<Result<_>>()?;
    let publication = Publication {
        kind: kind.into(),
        title: first.title.clone(),
        audiences: audiences.into_iter().collect(),
        disclosure_decisions: decisions.collect(),
        work_year: first.work_year,
        evaluated_year: first.content_year,
        basis_date: date(first.date),
        ..Publication::default()
    };
    let id = format!("{id}-{}", kind.as_str_name().trim_start_matches("PUBLICATION_KIND_").to_lowercase());
    release(play, &id, publication).await?;
    for row in rows {
        deliver(play, &id, row).await?;
    }
    Ok(())
}

/// Collects a publication and publishes it.
pub async fn release(play: &Play, id: &str, publication: Publication) -> Result<Publication> {
    let request = CreatePublicationRequest {
        parent: play.district(),
        publication: Some(publication),
        publication_id: id.to_owned(),
        request_id: request_id("publication.create", id),
    };
    let _: Publication = play.call(&Office::performance(), request).await?;
    let request = PublishPublicationRequest {
        name: play.name("publications", id),
        request_id: request_id("publication.publish", id),
        ..PublishPublicationRequest::default()
    };
    play.call(&Office::head(), request).await
}

async fn deliver(play: &Play, id: &str, row: &DisclosureRow) -> Result<()> {
    let delivery = Delivery {
        audience: audience(&row.audience)?.into(),
        recipient: row.audience.clone(),
        deliver_date: date(row.date),
        reference: row.manner.clone(),
    };
    let request = RecordDeliveryRequest {
        name: play.name("publications", id),
        delivery: Some(delivery),
        request_id: request_id("publication.deliver", &format!("{id}/{}", row.audience)),
        ..RecordDeliveryRequest::default()
    };
    let _: Publication = play.call(&Office::performance(), request).await?;
    Ok(())
}
