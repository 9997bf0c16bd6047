use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::disclosure::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;
use wenxiao_platform::projection::{Projection, resource};

use super::{day, entry, keep, year};
use crate::domain::timeline::{Entry, EntryKind};
use crate::store::timeline as store;

/// What is kept of the feed of disclosure: what was decided to be published of a project, and what was.
pub struct Disclosure;

#[tonic::async_trait]
impl Projection for Disclosure {
    fn feed(&self) -> &'static str {
        "disclosure"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        if let Some(of) = resource::<pb::DisclosureDecision>(event)? {
            store::link(connection, district, &of.name, &of.subject).await?;
            keep(connection, district, self.feed(), event, decision(event, &of)?).await
        } else if let Some(of) = resource::<pb::Publication>(event)? {
            keep(connection, district, self.feed(), event, publication(event, &of)?).await
        } else {
            Ok(())
        }
    }
}

fn decision(event: &Event, of: &pb::DisclosureDecision) -> Result<Option<Entry>> {
    use pb::disclosure_decision::Outcome;
    if event.r#type != "disclosure_decision.approved" {
        return Ok(None);
    }
    let what = match of.outcome() {
        Outcome::Withhold => "批准不予公开",
        Outcome::Publish | Outcome::Unspecified => "批准公开",
    };
    let mut told = entry(event, &of.name, EntryKind::Disclosure, format!("{what}：{}", of.title))?;
    told.fiscal_year = year(of.evaluated_year);
    Ok(Some(told))
}

/// One entry for each decision that the publication carries out: each hangs on something else.
fn publication(event: &Event, of: &pb::Publication) -> Result<Vec<Entry>> {
    let what = match event.r#type.as_str() {
        "publication.published" => "公开",
        "publication.withdrawn" => "撤回公开",
        _ => return Ok(Vec::new()),
    };
    let published = day(of.publish_date.as_ref())?.filter(|_| event.r#type == "publication.published");
    let told = of.disclosure_decisions.iter().map(|decision| {
        let mut told = entry(event, decision, EntryKind::Disclosure, format!("{what}：{}", of.title))?;
        told.entry_date = published.unwrap_or(told.entry_date);
        told.fiscal_year = year(of.evaluated_year);
        Ok(told)
    });
    told.collect()
}
