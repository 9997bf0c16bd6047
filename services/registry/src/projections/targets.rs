use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::{Event, Grade};
use wenxiao_contract::wenxiao::targets::v1 as pb;
use wenxiao_contract::wenxiao::targets::v1::objective::Subject;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::projection::{Projection, resource};
use wenxiao_platform::{Result, convert};

use super::{entry, indicator_use, keep, money, said, year};
use crate::domain::timeline::{Entry, EntryKind};
use crate::store::timeline as store;

/// What is kept of the feed of targets: objectives of projects, their versions and reviews.
pub struct Targets;

#[tonic::async_trait]
impl Projection for Targets {
    fn feed(&self) -> &'static str {
        "targets"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        indicator_use::keep(connection, district, event).await?;
        if let Some(of) = resource::<pb::Objective>(event)? {
            let Some(Subject::Project(project)) = &of.subject else { return Ok(()) };
            store::link(connection, district, &of.name, project).await?;
            keep(connection, district, self.feed(), event, objective(event, &of, project)?).await
        } else if let Some(of) = resource::<pb::ReviewOpinion>(event)? {
            keep(connection, district, self.feed(), event, [opinion(event, &of)?]).await
        } else {
            Ok(())
        }
    }
}

fn objective(event: &Event, of: &pb::Objective, project: &str) -> Result<Option<Entry>> {
    let (kind, what) = match event.r#type.as_str() {
        "objective.created" => (EntryKind::Objective, "开始填报绩效目标".to_owned()),
        "objective.submitted" => (EntryKind::Objective, format!("报送绩效目标第{}版", of.submitted_version)),
        "objective.withdrawn" => (EntryKind::Objective, "撤回绩效目标".to_owned()),
        "objective.reopened" => (EntryKind::Objective, "重新填报绩效目标".to_owned()),
        "objective.ratified" => (EntryKind::Objective, format!("批复绩效目标第{}版", of.ratified_version)),
        "objective.closed" => (EntryKind::Objective, "绩效目标终止".to_owned()),
        "objective.signed" => (EntryKind::Objective, "单位负责人签字报送绩效目标".to_owned()),
        "objective.adjustment_proposed" => {
            (EntryKind::Objective, format!("申请调整绩效目标（第{}版）", of.submitted_version))
        }
        "objective.adjusted" => {
            (EntryKind::Objective, format!("调整后的绩效目标第{}版生效", of.ratified_version))
        }
        "objective.adjustment_refused" => (EntryKind::Review, "财政部门不同意调整绩效目标".to_owned()),
        "objective.passed" => (EntryKind::Review, "主管部门审核通过绩效目标".to_owned()),
        "objective.graded" => (EntryKind::Review, "财政部门审核绩效目标".to_owned()),
        "objective.settled" => (EntryKind::Review, "绩效目标协商一致".to_owned()),
        "objective.returned" => (EntryKind::Review, "绩效目标退回修改".to_owned()),
        _ => return Ok(None),
    };
    let ratified = matches!(event.r#type.as_str(), "objective.ratified" | "objective.adjusted");
    let amount = money(of.ratified_amount.as_ref().filter(|_| ratified))?;
    let grade = convert::grade_of(of.grade()).filter(|_| event.r#type == "objective.graded");
    let words = grade.map(|grade| format!("，等级为{}", grade.chinese())).unwrap_or_default();
    let summary = format!("{}年度：{what}{words}{}", of.fiscal_year, said("批复金额", amount));
    let mut told = entry(event, project, kind, summary)?;
    (told.fiscal_year, told.amount, told.grade) = (year(of.fiscal_year), amount, grade);
    Ok(Some(told))
}

fn opinion(event: &Event, of: &pb::ReviewOpinion) -> Result<Entry> {
    let grade = convert::grade_of(of.grade());
    let words =
        if of.grade() == Grade::Unspecified { String::new() } else { "，建议等级为".to_owned() };
    let named = grade.map(wenxiao_kernel::Grade::chinese).unwrap_or_default();
    let summary = format!("集中会审对绩效目标第{}版提出意见{words}{named}", of.objective_version);
    let mut told = entry(event, &of.objective, EntryKind::Review, summary)?;
    (told.grade, told.internal) = (grade, true);
    Ok(told)
}
