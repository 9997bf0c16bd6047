//! A district's year as the other services would tell it, event by event: the shape of Haicang's 2020, with plainly
//! synthetic units and projects around the named cases. What is computed from it goes the whole way: events, the
//! service's own projections, its queries, its API.

use prost::{Message, Name};
use sqlx::PgConnection;
use wenxiao_contract::google::r#type::{Date, Decimal as WireDecimal, Money as WireMoney};
use wenxiao_contract::wenxiao::common::v1::{
    AmountUnit, BudgetAccount, Event, FigureBound, Grade, PrintedAmount, SecrecyLevel,
};
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::monitoring::v1 as monitoring;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_disclosure::projections::{Evaluation, Monitoring, Registry, Targets};
use wenxiao_kernel::Decimal;
use wenxiao_platform::convert;
use wenxiao_platform::projection::Projection;
use wenxiao_platform::testing::{TestSuite, haicang};

pub const DISTRICT: &str = "districts/350205000";

/// Tells this service what other services' feeds would.
pub struct World {
    connection: PgConnection,
}

pub fn name(collection: &str, id: &str) -> String {
    format!("{DISTRICT}/{collection}/{id}")
}

pub fn yuan(amount: &str) -> Option<WireMoney> {
    let amount: Decimal = amount.parse().unwrap();
    Some(convert::money(wenxiao_kernel::Money::from_yuan(amount).unwrap()))
}

fn day(text: &str) -> Option<Date> {
    Some(convert::date(text.parse().unwrap()))
}

fn decimal(text: &str) -> Option<WireDecimal> {
    Some(WireDecimal { value: text.to_owned() })
}

impl World {
    pub async fn of(suite: &TestSuite) -> Self {
        Self { connection: suite.superuser().await }
    }

    /// Tells of one object.
    pub async fn tell<R: Message + Name>(&mut self, feed: &dyn Projection, resource: &R) {
        let any = prost_types::Any { type_url: R::type_url(), value: resource.encode_to_vec() };
        let event = Event { resource: Some(any), ..Event::default() };
        feed.apply(&mut self.connection, haicang(), &event).await.unwrap();
    }

    /// The whole year.
    pub async fn haicang_2020(&mut self) {
        self.district().await;
        self.units().await;
        self.budgets_and_objectives().await;
        self.last_years_objectives().await;
        self.ex_ante().await;
        self.key_evaluations().await;
        self.decisions().await;
    }

    async fn district(&mut self) {
        let district =
            registry::District { name: DISTRICT.into(), title: "海沧区".into(), ..Default::default() };
        self.tell(&Registry, &district).await;
        let plan = registry::WorkPlan {
            name: name("workPlans", "rollout"),
            kind: registry::work_plan::Kind::Rollout.into(),
            state: registry::work_plan::State::Adopted.into(),
            work_year: 2020,
            document_title: "关于全面实施预算绩效管理的落实方案".into(),
            document_number: "厦海委〔2019〕70号".into(),
            horizon_years: 3,
            target_date: day("2022-12-31"),
            ..Default::default()
        };
        self.tell(&Registry, &plan).await;
        let audience = |label: &str| registry::TrainingAudience { label: label.into(), units: Vec::new() };
        for (id, date, labels) in [
            ("t1", "2020-03-10", &["财政局及局属事业单位", "教育局"][..]),
            ("t2", "2020-07-02", &["各街道"][..]),
            ("t3", "2020-09-02", &["财政局及局属事业单位", "各街道"][..]),
        ] {
            let session = registry::TrainingSession {
                name: name("trainingSessions", id),
                work_year: 2020,
                hold_date: day(date),
                audiences: labels.iter().map(|label| audience(label)).collect(),
                state: registry::training_session::State::Held.into(),
                ..Default::default()
            };
            self.tell(&Registry, &session).await;
        }
    }

    /// 167 budget units and 4 subdistrict offices; ten departments file through their own unit (本级).
    async fn units(&mut self) {
        use registry::unit::Kind;
        for number in 1..=171 {
            let kind = if number > 167 { Kind::SubdistrictOffice } else { Kind::Department };
            let unit = registry::Unit {
                name: unit(number),
                title: format!("单位{number}"),
                kind: kind.into(),
                ..Default::default()
            };
            self.tell(&Registry, &unit).await;
        }
        for number in 1..=10 {
            let own = registry::Unit {
                name: own_unit(number),
                title: format!("单位{number}本级"),
                kind: Kind::OwnUnit.into(),
                parent_unit: unit(number),
                ..Default::default()
            };
            self.tell(&Registry, &own).await;
        }
    }

    /// 282 + 37 projects of 2020 whose initial budgets add up to 39.87 and 8.62 亿元, all ratified and monitored; and a
    /// project of the government fund that is not on trial, and one that came in the middle of the year.
    async fn budgets_and_objectives(&mut self) {
        for number in 0..282 {
            let amount = part(3_987_000_000, 282, number);
            self.project(&format!("g{number}"), number, BudgetAccount::GeneralPublic, amount, true).await;
        }
        for number in 0..37 {
            let amount = part(862_000_000, 37, number);
            self.project(&format!("f{number}"), number, BudgetAccount::GovernmentFund, amount, true).await;
        }
        self.project("f-other", 3, BudgetAccount::GovernmentFund, 500_000_000, false).await;
        let late = registry::BudgetEntryKind::Supplement;
        self.entry("mid-year", "g-mid", 2020, BudgetAccount::GeneralPublic, late, "21000000").await;
        let session = targets::ReviewSession {
            name: name("reviewSessions", "s1"),
            fiscal_year: 2020,
            work_year: 2020,
            institution: name("institutions", "i1"),
            ..Default::default()
        };
        self.tell(&Targets, &session).await;
    }

    async fn project(&mut self, id: &str, number: usize, account: BudgetAccount, amount: i64, filed: bool) {
        let unit = filer(number);
        let project = registry::Project {
            name: name("projects", id),
            title: format!("项目{id}"),
            implementing_unit: unit.clone(),
            budget_account: account.into(),
            ..Default::default()
        };
        self.tell(&Registry, &project).await;
        let initial = registry::BudgetEntryKind::Initial;
        self.entry(id, id, 2020, account, initial, &amount.to_string()).await;
        if filed {
            self.objective(
                &format!("2020-{id}"),
                id,
                2020,
                &unit,
                account,
                &amount.to_string(),
                SecrecyLevel::None,
            )
            .await;
            self.report(id, &unit, account, monitoring::monitoring_report::State::Accepted).await;
        }
    }

    pub async fn entry(
        &mut self,
        id: &str,
        project: &str,
        year: i32,
        account: BudgetAccount,
        kind: registry::BudgetEntryKind,
        amount: &str,
    ) {
        let entry = registry::BudgetEntry {
            name: name("budgetEntries", &format!("{year}-{id}-{}", kind.as_str_name())),
            project: name("projects", project),
            fiscal_year: year,
            budget_account: account.into(),
            kind: kind.into(),
            amount: yuan(amount),
            ..Default::default()
        };
        self.tell(&Registry, &entry).await;
    }

    #[expect(clippy::too_many_arguments, reason = "a test's table of objectives")]
    pub async fn objective(
        &mut self,
        id: &str,
        project: &str,
        year: i32,
        unit: &str,
        account: BudgetAccount,
        amount: &str,
        secrecy: SecrecyLevel,
    ) {
        let indicator = targets::Indicator {
            level1: targets::IndicatorLevel1::Output.into(),
            level2_name: "数量指标".into(),
            title: "完成数量".into(),
            operator: wenxiao_contract::wenxiao::common::v1::IndicatorOperator::AtLeast.into(),
            target_value: Some(targets::TargetValue {
                value: Some(targets::target_value::Value::Number(WireDecimal { value: "95".into() })),
                ..Default::default()
            }),
            measure_unit: "%".into(),
            ..Default::default()
        };
        let objective = targets::Objective {
            name: name("objectives", id),
            subject: Some(targets::objective::Subject::Project(name("projects", project))),
            fiscal_year: year,
            work_year: year - 1,
            display_name: format!("项目{project}"),
            unit: unit.to_owned(),
            budget_account: account.into(),
            secrecy: secrecy.into(),
            state: targets::objective::State::Ratified.into(),
            ratified_version: 1,
            ratified_amount: yuan(amount),
            content: Some(targets::ObjectiveContent {
                annual_goal: "完成年度任务".into(),
                indicators: vec![indicator],
                ..Default::default()
            }),
            ..Default::default()
        };
        self.tell(&Targets, &objective).await;
    }

    pub async fn report(
        &mut self,
        project: &str,
        unit: &str,
        account: BudgetAccount,
        state: monitoring::monitoring_report::State,
    ) {
        let report = monitoring::MonitoringReport {
            name: format!("{DISTRICT}/monitoringRounds/r1/reports/{project}"),
            monitored_object: name("projects", project),
            unit: unit.to_owned(),
            fiscal_year: 2020,
            budget_account: account.into(),
            state: state.into(),
            institution: name("institutions", "i1"),
            ..Default::default()
        };
        self.tell(&Monitoring, &report).await;
    }

    /// One objective of 2019 per body, 59.87 亿元 in all, each with its self-evaluation of 2020.
    async fn last_years_objectives(&mut self) {
        for number in 0..171 {
            let (id, amount) = (format!("2019-p{number}"), part(5_987_000_000, 171, number));
            let (unit, account) = (filer(number), BudgetAccount::GeneralPublic);
            let project = format!("p{number}");
            self.objective(&id, &project, 2019, &unit, account, &amount.to_string(), SecrecyLevel::None)
                .await;
            let form = evaluation::SelfEvaluation {
                name: name("selfEvaluations", &format!("s{number}")),
                objective: name("objectives", &id),
                object: Some(object(&name("projects", &project), &unit, "项目")),
                evaluated_year: 2019,
                work_year: 2020,
                objective_amount: yuan(&amount.to_string()),
                self_grade: Grade::Good.into(),
                state: evaluation::self_evaluation::State::Confirmed.into(),
                ..Default::default()
            };
            self.tell(&Evaluation, &form).await;
        }
    }

    async fn ex_ante(&mut self) {
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
    async fn key_evaluations(&mut self) {
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

    async fn decisions(&mut self) {
        use evaluation::base_figure::Kind as Base;
        use evaluation::evaluated_object::Kind;
        // The waste project's payments are known here; the repair project's only from the decision's own basis.
        let execution = monitoring::Execution {
            subject: monitoring::ExecutionSubject::Project.into(),
            subject_resource: name("projects", "waste"),
            fiscal_year: 2020,
            executed_amount: yuan("18283400"),
            ..Default::default()
        };
        self.tell(&Monitoring, &execution).await;
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

fn object(subject: &str, unit: &str, title: &str) -> evaluation::EvaluatedObject {
    evaluation::EvaluatedObject {
        kind: evaluation::evaluated_object::Kind::Project.into(),
        subject: subject.to_owned(),
        unit: unit.to_owned(),
        display_name: title.to_owned(),
        ..Default::default()
    }
}

fn unit(number: usize) -> String {
    name("units", &format!("{:03}", 100 + number))
}

fn own_unit(number: usize) -> String {
    format!("{}001", unit(number))
}

/// The body that files the numbered project: all 171 in turn, the first ten departments also through their own unit.
fn filer(number: usize) -> String {
    match number % 171 + 1 {
        department @ 1..=10 if number.is_multiple_of(2) => own_unit(department),
        body => unit(body),
    }
}

/// The numbered part of a whole that is cut into so many parts, in yuan.
fn part(whole: i64, parts: i64, number: usize) -> i64 {
    if number == 0 { whole - whole / parts * (parts - 1) } else { whole / parts }
}
