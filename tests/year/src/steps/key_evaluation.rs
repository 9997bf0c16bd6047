//! Evaluation in depth of last year's spending: eight led by the bureau, the others by departments (重点绩效评价).

use anyhow::{Context as _, Result, bail};
use wenxiao_contract::wenxiao::evaluation::v1::{
    AnswerDraftRequest, AppointPanelRequest, ApproveKeyEvaluationPlanRequest, CreateKeyEvaluationPlanRequest,
    CreateKeyEvaluationRequest, FixKeyEvaluationRequest, GivePanelOpinionRequest, KeyEvaluation,
    KeyEvaluationIndicatorScore, KeyEvaluationPanel, KeyEvaluationPlan, KeyEvaluationPlanItem, PanelMember,
    ReconcileKeyEvaluationPlanRequest, ReconcileKeyEvaluationPlanResponse, ReportSection,
    ScoreIndicatorsRequest, SendDraftRequest, SubmitKeyEvaluationReportRequest, key_evaluation_plan,
    panel_member,
};

use super::ex_ante::project;
use super::participants;
use crate::clients::Office;
use crate::data::rows::{FindingRow, KeyEvaluationRow, PanelRow};
use crate::play::Play;
use crate::wire::{decimal, money, request_id};

fn plan_id(play: &Play) -> String {
    format!("{}", play.scene.year)
}

/// Whether the bureau leads it.
pub fn by_finance(row: &KeyEvaluationRow) -> bool {
    row.kind == "财政评价"
}

/// The plan with its objects, approved by the head of the bureau.
pub async fn plan(play: &Play) -> Result<()> {
    let items = (1..).zip(&play.data.key_evaluations).map(|(number, row)| item(play, number, row));
    let first = play.data.key_evaluations.first().context("no key evaluation")?;
    let plan = KeyEvaluationPlan {
        title: format!("{}年财政支出绩效重点评价计划", first.evaluated_year),
        work_year: play.scene.year,
        evaluated_year: first.evaluated_year,
        items: items.collect::<Result<_>>()?,
        ..KeyEvaluationPlan::default()
    };
    let id = plan_id(play);
    let request = CreateKeyEvaluationPlanRequest {
        parent: play.district(),
        key_evaluation_plan_id: id.clone(),
        key_evaluation_plan: Some(plan),
        request_id: request_id("keyplan.create", &id),
    };
    let _: KeyEvaluationPlan = play.call(&Office::performance(), request).await?;
    let request = ApproveKeyEvaluationPlanRequest {
        name: play.name("keyEvaluationPlans", &id),
        request_id: request_id("keyplan.approve", &id),
        etag: String::new(),
    };
    let _: KeyEvaluationPlan = play.call(&Office::head(), request).await?;
    Ok(())
}

fn item(play: &Play, number: i32, row: &KeyEvaluationRow) -> Result<KeyEvaluationPlanItem> {
    use key_evaluation_plan::{Lead, SelectionReason};
    // The summary names three grounds of selection and does not say which is whose: they take turns.
    let reasons =
        [SelectionReason::GovernmentPriority, SelectionReason::Livelihood, SelectionReason::Development];
    let reason =
        reasons.into_iter().cycle().nth(usize::try_from(number)?).unwrap_or(SelectionReason::Development);
    Ok(KeyEvaluationPlanItem {
        number,
        object: Some(project(play, &row.project)?),
        lead: if by_finance(row) { Lead::Finance.into() } else { Lead::Department.into() },
        reasons: vec![reason.into()],
        amount: money(row.amount),
        ..KeyEvaluationPlanItem::default()
    })
}

/// Every evaluation from its start to the fixed result; then counts and amounts are reconciled with the plan.
pub async fn evaluate(play: &Play) -> Result<()> {
    let numbered = (1..).zip(&play.data.key_evaluations);
    play.each("重点评价", numbered, |(number, row)| async move {
        let begun = start(play, number, row).await?;
        appoint(play, row).await?;
        score(play, row, &begun).await?;
        opinions(play, row).await?;
        exchange(play, row).await?;
        finish(play, row).await
    })
    .await?;
    let request = ReconcileKeyEvaluationPlanRequest { name: play.name("keyEvaluationPlans", &plan_id(play)) };
    let answer: ReconcileKeyEvaluationPlanResponse = play.call(&Office::performance(), request).await?;
    if !answer.reconciled {
        bail!("the key evaluations are not what the plan says: {answer:?}");
    }
    Ok(())
}

/// Who leads: the bureau's performance division, or the competent department.
fn leader(play: &Play, row: &KeyEvaluationRow) -> Office {
    if by_finance(row) {
        Office::performance()
    } else {
        Office::department(play.data.department_of(&row.organizer))
    }
}

/// Who scores: the institution that was hired, else somebody of the department who does not fix the result.
fn scorer(play: &Play, row: &KeyEvaluationRow) -> Office {
    match row.institution.is_empty() {
        true => leader(play, row).as_person("scorer"),
        false => Office::institution(&row.institution),
    }
}

fn name(play: &Play, row: &KeyEvaluationRow) -> String {
    play.name("keyEvaluations", &row.id)
}

async fn start(play: &Play, number: i32, row: &KeyEvaluationRow) -> Result<KeyEvaluation> {
    let evaluation = KeyEvaluation {
        plan: play.name("keyEvaluationPlans", &plan_id(play)),
        plan_item: number,
        ..KeyEvaluation::default()
    };
    let request = CreateKeyEvaluationRequest {
        parent: play.district(),
        key_evaluation_id: row.id.clone(),
        key_evaluation: Some(evaluation),
        request_id: request_id("keyevaluation.create", &row.id),
    };
    play.call(&leader(play, row), request).await
}

fn panel_of<'p>(play: &'p Play, row: &KeyEvaluationRow) -> &'p [PanelRow] {
    play.data.panels.get(&row.id).map_or(&[], Vec::as_slice)
}

async fn appoint(play: &Play, row: &KeyEvaluationRow) -> Result<()> {
    let mut members = Vec::new();
    for person in panel_of(play, row).iter().filter(|person| person.role != "主评机构") {
        let role = match person.role.as_str() {
            "专家" => panel_member::Role::Expert,
            "区人大代表" => panel_member::Role::PeoplesDeputy,
            "区政协委员" => panel_member::Role::CppccMember,
            other => bail!("{other:?} is no role on a panel"),
        };
        let participant = play.participant(&person.participant)?;
        members.push(PanelMember { participant, display_name: String::new(), role: role.into() });
    }
    let mut panel = KeyEvaluationPanel {
        lead_evaluator: "示例主评人".to_owned(),
        members,
        ..KeyEvaluationPanel::default()
    };
    if !row.institution.is_empty() {
        panel.institution = play.name("institutions", &row.institution);
        panel.engagement = play.name("engagements", &participants::engagement(play, "重点评价", &row.id)?.id);
    }
    let request = AppointPanelRequest {
        name: name(play, row),
        panel: Some(panel),
        request_id: request_id("keyevaluation.appoint", &row.id),
        etag: String::new(),
    };
    let _: KeyEvaluation = play.call(&leader(play, row), request).await?;
    Ok(())
}

async fn score(play: &Play, row: &KeyEvaluationRow, begun: &KeyEvaluation) -> Result<()> {
    let given = play.data.key_scores.get(&row.id).with_context(|| format!("{} has no scores", row.id))?;
    let mut scores = Vec::new();
    for indicator in &begun.indicators {
        let found = given.iter().find(|one| one.level3 == indicator.level3);
        let found = found.with_context(|| format!("{} has no score for {}", row.id, indicator.level3))?;
        scores.push(KeyEvaluationIndicatorScore {
            code: indicator.code.clone(),
            score: decimal(found.score),
            comment: found.comment.clone(),
        });
    }
    let request = ScoreIndicatorsRequest {
        name: name(play, row),
        scores,
        request_id: request_id("keyevaluation.score", &row.id),
        etag: String::new(),
    };
    let _: KeyEvaluation = play.call(&scorer(play, row), request).await?;
    Ok(())
}

async fn opinions(play: &Play, row: &KeyEvaluationRow) -> Result<()> {
    for person in panel_of(play, row).iter().filter(|person| !person.opinion.is_empty()) {
        let office = match person.role.as_str() {
            "专家" => Office::expert(&person.participant),
            _ => Office::deputy(&person.participant),
        };
        let request = GivePanelOpinionRequest {
            name: name(play, row),
            participant: play.participant(&person.participant)?,
            phase: "评价实施".to_owned(),
            text: person.opinion.clone(),
            request_id: request_id("keyevaluation.opinion", &format!("{}/{}", row.id, person.participant)),
            ..GivePanelOpinionRequest::default()
        };
        let _: KeyEvaluation = play.call(&office, request).await?;
    }
    Ok(())
}

async fn exchange(play: &Play, row: &KeyEvaluationRow) -> Result<()> {
    let request = SendDraftRequest {
        name: name(play, row),
        message: "请就评价结论初稿反馈意见".to_owned(),
        request_id: request_id("keyevaluation.draft", &row.id),
        etag: String::new(),
    };
    let _: KeyEvaluation = play.call(&leader(play, row), request).await?;
    let request = AnswerDraftRequest {
        name: name(play, row),
        agreed: true,
        answer: "无不同意见".to_owned(),
        request_id: request_id("keyevaluation.answer", &row.id),
        etag: String::new(),
    };
    let _: KeyEvaluation = play.call(&Office::filer(&row.unit), request).await?;
    Ok(())
}

async fn finish(play: &Play, row: &KeyEvaluationRow) -> Result<()> {
    let request = SubmitKeyEvaluationReportRequest {
        name: name(play, row),
        report_sections: sections(play, row)?,
        request_id: request_id("keyevaluation.report", &row.id),
        etag: String::new(),
    };
    let _: KeyEvaluation = play.call(&scorer(play, row), request).await?;
    let request = FixKeyEvaluationRequest {
        name: name(play, row),
        request_id: request_id("keyevaluation.fix", &row.id),
        etag: String::new(),
    };
    let fixer = if by_finance(row) { Office::head() } else { leader(play, row) };
    let _: KeyEvaluation = play.call(&fixer, request).await?;
    Ok(())
}

/// The report under the headings of the usual outline, as far as the files have words for them.
fn sections(play: &Play, row: &KeyEvaluationRow) -> Result<Vec<ReportSection>> {
    let project = play.data.project(&row.project)?;
    let findings = play.data.findings.get(&row.id).map_or(&[][..], Vec::as_slice);
    let all =
        |text: fn(&FindingRow) -> &String| findings.iter().map(text).cloned().collect::<Vec<_>>().join("；");
    let overview = format!("{}年度{}，评价资金{}元。", row.evaluated_year, project.title, row.amount);
    let parts = [
        ("overview", "基本情况", overview),
        ("problems", "存在的问题及原因", all(|finding| &finding.text)),
        ("suggestions", "有关建议", all(|finding| &finding.suggestion)),
    ];
    let filled = parts.into_iter().filter(|(_, _, text)| !text.is_empty());
    Ok(filled
        .map(|(code, title, text)| ReportSection { code: code.to_owned(), title: title.to_owned(), text })
        .collect())
}
