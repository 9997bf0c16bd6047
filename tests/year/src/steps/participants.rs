//! Who helps from outside: institutions, experts, deputies and members, and what they are hired for.

use anyhow::{Context as _, Result, bail};
use wenxiao_contract::wenxiao::registry::v1::{
    CreateEngagementRequest, CreateExpertRequest, CreateInstitutionRequest, CreateRepresentativeRequest,
    Engagement, EngagementKind, Expert, Institution, Representative, institution, representative,
};

use crate::clients::Office;
use crate::data::rows::{EngagementRow, ParticipantRow};
use crate::play::Play;
use crate::wire::{date, request_id};

/// Collection in which a kind of participant is kept.
pub fn collection(kind: &str) -> Result<&'static str> {
    Ok(match kind {
        "第三方机构" => "institutions",
        "专家" => "experts",
        "区人大代表" | "区政协委员" => "representatives",
        other => bail!("{other:?} is no kind of participant"),
    })
}

/// Enters all participants.
pub async fn enter(play: &Play) -> Result<()> {
    play.each("机构、专家、代表委员", &play.data.participants, |row| async move {
        match collection(&row.kind)? {
            "institutions" => institution(play, row).await,
            "experts" => expert(play, row).await,
            _ => representative(play, row).await,
        }
    })
    .await
}

async fn institution(play: &Play, row: &ParticipantRow) -> Result<()> {
    let kind = match row.trade.as_str() {
        "会计师事务所" => institution::Kind::AccountingFirm,
        "资产评估机构" => institution::Kind::AppraisalFirm,
        "科研院所" => institution::Kind::ResearchInstitute,
        "高等院校" => institution::Kind::University,
        "律师事务所" => institution::Kind::LawFirm,
        _ => institution::Kind::Consultancy,
    };
    let institution = Institution { title: row.title.clone(), kind: kind.into(), ..Institution::default() };
    let request = CreateInstitutionRequest {
        parent: play.district(),
        institution: Some(institution),
        institution_id: row.id.clone(),
        request_id: request_id("institution.create", &row.id),
    };
    let _: Institution = play.call(&Office::performance(), request).await?;
    Ok(())
}

async fn expert(play: &Play, row: &ParticipantRow) -> Result<()> {
    let expert =
        Expert { title: row.title.clone(), specialties: vec![row.trade.clone()], ..Expert::default() };
    let request = CreateExpertRequest {
        parent: play.district(),
        expert: Some(expert),
        expert_id: row.id.clone(),
        request_id: request_id("expert.create", &row.id),
    };
    let _: Expert = play.call(&Office::performance(), request).await?;
    Ok(())
}

async fn representative(play: &Play, row: &ParticipantRow) -> Result<()> {
    let kind = match row.kind.as_str() {
        "区人大代表" => representative::Kind::PeoplesDeputy,
        _ => representative::Kind::CppccMember,
    };
    let representative =
        Representative { title: row.title.clone(), kind: kind.into(), ..Representative::default() };
    let request = CreateRepresentativeRequest {
        parent: play.district(),
        representative: Some(representative),
        representative_id: row.id.clone(),
        request_id: request_id("representative.create", &row.id),
    };
    let _: Representative = play.call(&Office::performance(), request).await?;
    Ok(())
}

/// Enters what institutions are hired for (委托).
pub async fn engage(play: &Play) -> Result<()> {
    play.each("委托", &play.data.engagements, |row| async move {
        let engagement = Engagement {
            kind: kind(&row.matter)?.into(),
            participant: play.name("institutions", &row.institution),
            principal: play.unit(&row.principal),
            title: format!("{}（{}）", row.matter, row.id),
            objects: objects(play, row)?,
            work_year: row.work_year,
            evaluated_year: row.evaluated_year,
            start_date: date(row.start),
            end_date: date(row.end),
            contract_number: row.id.clone(),
            ..Engagement::default()
        };
        let request = CreateEngagementRequest {
            parent: play.district(),
            engagement: Some(engagement),
            engagement_id: row.id.clone(),
            request_id: request_id("engagement.create", &row.id),
        };
        let _: Engagement = play.call(&Office::performance(), request).await?;
        Ok(())
    })
    .await
}

fn kind(matter: &str) -> Result<EngagementKind> {
    Ok(match matter {
        "目标审核" | "监控审核" => EngagementKind::TargetReview,
        "自评辅导" => EngagementKind::AssistOnly,
        "事前评估" => EngagementKind::ExAnte,
        "重点评价" => EngagementKind::Evaluation,
        other => bail!("{other:?} is nothing to hire an institution for"),
    })
}

/// What an engagement is about: nothing in particular, a project, or the project of a key evaluation.
fn objects(play: &Play, row: &EngagementRow) -> Result<Vec<String>> {
    Ok(match row.object_kind.as_str() {
        "项目" => vec![play.project(&row.object)],
        "重点评价" => {
            let evaluation = play.data.key_evaluations.iter().find(|one| one.id == row.object);
            vec![
                play.project(
                    &evaluation.with_context(|| format!("no key evaluation {}", row.object))?.project,
                ),
            ]
        }
        _ => Vec::new(),
    })
}

/// The engagement for a matter, of one institution or of any.
pub fn engagement<'p>(play: &'p Play, matter: &str, object: &str) -> Result<&'p EngagementRow> {
    let found = play.data.engagements.iter().find(|row| row.matter == matter && row.object == object);
    found.with_context(|| format!("engagements.csv hires nobody for {matter} {object}"))
}
