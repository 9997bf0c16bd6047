//! A key evaluation as the contract has it.

use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::convert;

use super::super::wire::{self, enum_value};
use crate::domain::key_evaluation::{Exchange, Indicator, Panel, PanelOpinion};
use crate::store::key_evaluation::Row;

/// A stored evaluation.
pub(super) fn message(row: &Row) -> pb::KeyEvaluation {
    let evaluation = &row.body;
    let fixed = evaluation.fixed.as_ref();
    pb::KeyEvaluation {
        name: format!("districts/{}/keyEvaluations/{}", row.district, row.id),
        plan: evaluation.plan.clone(),
        plan_item: evaluation.plan_item,
        object: Some(wire::object(&evaluation.object)),
        lead: enum_value!(pb::key_evaluation_plan::Lead, "LEAD_", evaluation.lead.as_str()),
        evaluated_year: evaluation.evaluated_year,
        work_year: evaluation.work_year,
        amount: Some(convert::money(evaluation.amount)),
        panel: evaluation.panel.as_ref().map(panel),
        indicators: evaluation.indicators.iter().map(indicator).collect(),
        opinions: evaluation.opinions.iter().map(opinion).collect(),
        exchanges: evaluation.exchanges.iter().map(exchange).collect(),
        report_sections: wire::sections(&evaluation.report_sections),
        attachments: wire::attachments(&evaluation.attachments),
        methods: evaluation.methods.clone(),
        total_score: wire::decimal(evaluation.total_score),
        grade: wire::grade(evaluation.grade),
        explanation: evaluation.total_score.map(|_| convert::explanation(&evaluation.explanation)),
        fixer: fixed.map(|fixed| fixed.fixer.clone()).unwrap_or_default(),
        fix_time: fixed.and_then(|fixed| wire::time(fixed.fix_time)),
        notice_due_date: fixed.and_then(|fixed| fixed.notice_due_date).map(convert::date),
        cancel_reason: evaluation.cancel_reason.clone(),
        rule_set: evaluation.rule_set.clone(),
        state: enum_value!(pb::key_evaluation::State, "STATE_", evaluation.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}

fn panel(panel: &Panel) -> pb::KeyEvaluationPanel {
    let members = panel.members.iter().map(|member| pb::PanelMember {
        participant: member.participant.clone(),
        display_name: member.title.clone(),
        role: enum_value!(pb::panel_member::Role, "ROLE_", member.role.as_str()),
    });
    pb::KeyEvaluationPanel {
        institution: panel.institution.clone(),
        engagement: panel.engagement.clone(),
        lead_evaluator: panel.lead_evaluator.clone(),
        members: members.collect(),
    }
}

fn indicator(indicator: &Indicator) -> pb::KeyEvaluationIndicator {
    let scored = indicator.score.as_ref();
    pb::KeyEvaluationIndicator {
        code: indicator.code.clone(),
        dimension: enum_value!(
            pb::key_evaluation_indicator::Dimension,
            "DIMENSION_",
            indicator.dimension.as_str()
        ),
        level2: indicator.level2.clone(),
        level3: indicator.level3.clone(),
        points: Some(convert::decimal(indicator.points)),
        score: wire::decimal(scored.map(|scored| scored.score)),
        comment: scored.map(|scored| scored.comment.clone()).unwrap_or_default(),
        standard: indicator.standard.clone(),
        scorer: scored.map(|scored| scored.scorer.clone()).unwrap_or_default(),
        score_time: scored.and_then(|scored| wire::time(scored.score_time)),
    }
}

fn opinion(opinion: &PanelOpinion) -> pb::PanelOpinion {
    pb::PanelOpinion {
        participant: opinion.participant.clone(),
        role: enum_value!(pb::panel_member::Role, "ROLE_", opinion.role.as_str()),
        phase: opinion.phase.clone(),
        text: opinion.text.clone(),
        suggested_score: wire::decimal(opinion.suggested_score),
        opinion_time: wire::time(opinion.opinion_time),
    }
}

fn exchange(exchange: &Exchange) -> pb::OpinionExchange {
    let answer = exchange.answer.as_ref();
    pb::OpinionExchange {
        number: exchange.number,
        draft_score: Some(convert::decimal(exchange.draft_score)),
        message: exchange.message.clone(),
        send_time: wire::time(exchange.send_time),
        agreed: answer.is_some_and(|answer| answer.agreed),
        answer: answer.map(|answer| answer.text.clone()).unwrap_or_default(),
        answerer: answer.map(|answer| answer.answerer.clone()).unwrap_or_default(),
        answer_time: answer.and_then(|answer| wire::time(answer.answer_time)),
    }
}
