//! Budgets, objectives and reports of two years.

use wenxiao_contract::google::r#type::Decimal as WireDecimal;
use wenxiao_contract::wenxiao::common::v1::{BudgetAccount, Grade, IndicatorOperator, SecrecyLevel};
use wenxiao_contract::wenxiao::evaluation::v1 as evaluation;
use wenxiao_contract::wenxiao::monitoring::v1 as monitoring;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_disclosure::projections::{Evaluation, Monitoring, Registry, Targets};

use super::{DISTRICT, World, filer, name, object, part, yuan};

impl World {
    /// 282 + 37 projects of 2020 whose initial budgets add up to 39.87 and 8.62 亿元, all ratified and monitored; and a
    /// project of the government fund that is not on trial, and one that came in the middle of the year.
    pub(super) async fn budgets_and_objectives(&mut self) {
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
            operator: IndicatorOperator::AtLeast.into(),
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
    pub(super) async fn last_years_objectives(&mut self) {
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
}
