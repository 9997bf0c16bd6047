//! What was evaluated in 2020, and what became of it.

use wenxiao_contract::wenxiao::common::v1::{AmountUnit, FigureBound, Grade, PrintedAmount};
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::monitoring::v1 as monitoring;
use wenxiao_disclosure::projections::{Evaluation, Monitoring};

use super::{World, day, decimal, name, object, part, unit, yuan};

impl World {
    pub(super) async fn ex_ante(&mut self) {
        for (id, unit_title, title, amount) in [
            ("e1", "区建交局", "海沧区农村污水管网溯源排查项目", "21000000"),
            ("e2", "文旅局", "金沙书院展陈费用项目", "15000000"),
        ] {
            let object = evaluation::EvaluatedObject {
                unit_display_name: unit_title.into(),
                ..object(&name("projects", id), &unit(20), title)
            };
            let ex_ante = evaluation::ExAnteEvaluation {
                name: name("exAnteEvaluations", id),
                object: Some(object),
                work_year: 2020,
                applies_to_year: 2020,
                requested_amount: yuan(amount),
                occasion: evaluation::ex_ante_evaluation::Occasion::BudgetAdjustment.into(),
                state: evaluation::ex_ante_evaluation::State::Concluded.into(),
                ..Default::default()
            };
            self.tell(&Evaluation, &ex_ante).await;
        }
    }

    /// 8 led by the bureau and 25 by departments, 2.82 亿元; four deputies and members, some on several panels.
    pub(super) async fn key_evaluations(&mut self) {
        use evaluation::key_evaluation_plan::Lead;
        for number in 0..33 {
            let lead = if number < 8 { Lead::Finance } else { Lead::Department };
            self.key_evaluation(number, lead, if number < 8 { Grade::Good } else { Grade::Fair }).await;
        }
        let finding = evaluation::Finding {
            name: name("findings", "n1"),
            source_resource: name("keyEvaluations", "k0"),
            work_year: 2020,
            category: evaluation::finding::Category::LowExecution.into(),
            description: "预算执行率偏低".into(),
            suggestion: "加快预算执行".into(),
            ..Default::default()
        };
        self.tell(&Evaluation, &finding).await;
    }

    pub async fn key_evaluation(
        &mut self,
        number: usize,
        lead: evaluation::key_evaluation_plan::Lead,
        grade: Grade,
    ) {
        use evaluation::panel_member::Role;
        let member = |id: usize, role: Role| evaluation::PanelMember {
            participant: name("deputies", &format!("d{}", id % 4)),
            role: role.into(),
            ..Default::default()
        };
        let finance = lead == evaluation::key_evaluation_plan::Lead::Finance;
        let members = if finance {
            vec![
                member(number, Role::PeoplesDeputy),
                member(number + 1, Role::CppccMember),
                member(9, Role::Expert),
            ]
        } else {
            Vec::new()
        };
        let evaluation = evaluation::KeyEvaluation {
            name: name("keyEvaluations", &format!("k{number}")),
            object: Some(object(
                &name("projects", &format!("k{number}")),
                &unit(number + 1),
                &format!("重点项目{number}"),
            )),
            lead: lead.into(),
            evaluated_year: 2019,
            work_year: 2020,
            amount: yuan(&part(282_000_000, 33, number).to_string()),
            panel: Some(evaluation::KeyEvaluationPanel {
                institution: if finance { name("institutions", "i2") } else { String::new() },
                members,
                ..Default::default()
            }),
            total_score: decimal("85.5"),
            grade: grade.into(),
            report_sections: vec![evaluation::ReportSection {
                code: "conclusion".into(),
                title: "三、综合评价情况及结论".into(),
                text: "总体良好".into(),
            }],
            state: evaluation::key_evaluation::State::Fixed.into(),
            fix_time: Some(prost_types::Timestamp { seconds: 1_604_000_000, nanos: 0 }),
            ..Default::default()
        };
        self.tell(&Evaluation, &evaluation).await;
    }

    pub(super) async fn decisions(&mut self) {
        use evaluation::base_figure::Kind as Base;
        use evaluation::evaluated_object::Kind;
        // The waste project's payments are known here; the repair project's only from the decision's own basis.
        // Two increments of one message and a message after it: each counts once, none replaces another.
        for amounts in [&["17000000", "1000000"][..], &["283400"]] {
            let increment = |amount: &&str| monitoring::OutturnIncrement {
                project: name("projects", "waste"),
                fiscal_year: 2020,
                amount: yuan(amount),
                ..Default::default()
            };
            let increments = amounts.iter().map(increment).collect();
            let payments = monitoring::PaymentsIngested { increments, ..Default::default() };
            self.tell(&Monitoring, &payments).await;
        }
        let base = |kind: Base, year: i32, amount: &str, rate: Option<&str>| evaluation::BaseFigure {
            kind: kind.into(),
            fiscal_year: year,
            figure: Some(evaluation::BudgetFigure { amount: yuan(amount), printed: None }),
            execution_rate: rate.and_then(decimal),
        };
        let waste =
            Case {
                id: "waste", kind: Kind::Project, unit: "环卫中心", title: "垃圾分类（对下转移）"
            };
        self.decision(waste, Some("33279200"), exact("20000000"), Vec::new()).await;
        let agri = Case {
            id: "agri", kind: Kind::WholeDepartment, unit: "农业农村局", title: "农业农村局"
        };
        let open = evaluation::BudgetFigure {
            amount: yuan("60000000"),
            printed: Some(PrintedAmount {
                value: decimal("0.6"),
                unit: AmountUnit::HundredMillionYuan.into(),
                bound: FigureBound::AtLeast.into(),
                text: "0.6亿多".into(),
            }),
        };
        self.decision(agri, None, open, vec![base(Base::AdjustedBudget, 2020, "190000000", None)]).await;
        let office =
            Case { id: "office", kind: Kind::Project, unit: "区府办", title: "房屋修缮维护费" };
        let basis = vec![base(Base::InitialBudget, 2019, "2600000", Some("74"))];
        self.decision(office, Some("1430000"), exact("850000"), basis).await;
        self.sunset_review(
            "civil",
            "区民政局",
            "海沧区培育发展社会组织专项扶持资金管理办法",
            "2020-07-21",
            5,
        )
        .await;
        self.sunset_review("hr", "区人社局", "转产就业创业实施细则", "2020-12-31", 0).await;
    }

    async fn decision(
        &mut self,
        case: Case,
        requested: Option<&str>,
        arranged: evaluation::BudgetFigure,
        base_figures: Vec<evaluation::BaseFigure>,
    ) {
        let object = evaluation::EvaluatedObject {
            kind: case.kind.into(),
            unit_display_name: case.unit.into(),
            ..object(&name("projects", case.id), &unit(30), case.title)
        };
        let decision = evaluation::BudgetDecision {
            name: name("budgetDecisions", case.id),
            object: Some(object),
            work_year: 2020,
            applies_to_year: 2021,
            requested: requested.map(exact),
            arrangements: vec![evaluation::BudgetStep { figure: Some(arranged), ..Default::default() }],
            base_figures,
            ..Default::default()
        };
        self.tell(&Evaluation, &decision).await;
    }

    async fn sunset_review(&mut self, id: &str, unit_title: &str, title: &str, expiry: &str, term: i32) {
        let object = evaluation::EvaluatedObject {
            kind: evaluation::evaluated_object::Kind::Policy.into(),
            unit_display_name: unit_title.into(),
            ..object(&name("policies", id), &unit(31), title)
        };
        let review = evaluation::SunsetReview {
            name: name("sunsetReviews", id),
            object: Some(object),
            expiry_date: day(expiry),
            term_years: term,
            work_year: 2020,
            applies_to_year: 2021,
            grade: Grade::Good.into(),
            outcome: evaluation::sunset_review::Outcome::Continue.into(),
            ..Default::default()
        };
        self.tell(&Evaluation, &review).await;
    }
}

struct Case {
    id: &'static str,
    kind: evaluation::evaluated_object::Kind,
    unit: &'static str,
    title: &'static str,
}

fn exact(amount: &str) -> evaluation::BudgetFigure {
    evaluation::BudgetFigure { amount: yuan(amount), printed: None }
}
