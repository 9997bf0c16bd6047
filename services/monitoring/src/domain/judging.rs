//! The lights of a monitoring form (监控表亮灯): each from what the form says, and the worst of them for the whole.

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, Step};

use super::deviation::{judge_audit, judge_department, judge_divergence, judge_idle_money};
use super::light::{self, Judged, Light};
use super::report::Report;
use super::round::MonitoredKind;
use super::rules::{DepartmentLightRule, Rules};

/// Lights of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lights {
    /// Of budget execution.
    pub execution: Option<Light>,
    /// Worst of the indicators.
    pub objective: Option<Light>,
    /// Worse of the two.
    pub overall: Option<Light>,
    /// Of what is expected for the whole year.
    pub forecast: Option<Light>,
    /// Of the gap between achievement and execution, where the rules look at it.
    pub divergence: Option<Light>,
    /// Of execution by audit practice, where the rules look at it.
    #[serde(default)]
    pub audit: Option<Light>,
    /// Of payment ahead of the works, where the rules look at it.
    #[serde(default)]
    pub idle_money: Option<Light>,
    /// How they came about.
    pub explanation: Explanation,
}

impl Report {
    /// Computes every light from what the form says.
    pub fn judge(&mut self, rules: &Rules) {
        let month = self.end_month;
        if let Some(rule) = rules.indicator_light(&self.traits) {
            for row in &mut self.rows {
                let judged = light::judge_indicator(rule, &row.target, row.achieved(), month);
                row.light = judged.light;
                row.explanation = judged.explanation;
                row.explanation.rule_set.clone_from(&rules.rule_set);
            }
        }
        if let Some(rule) = rules.forecast_light(&self.traits) {
            for row in &mut self.rows {
                row.forecast_light = light::judge_indicator(&rule, &row.target, row.expected(), 12).light;
            }
        }
        self.lights = self.combine(rules);
    }

    /// The lights of the whole form: execution and indicators, and whatever else the rules look at. The worst decides.
    fn combine(&self, rules: &Rules) -> Lights {
        let amounts = self.amounts();
        let of = |judged: &Option<Judged>| judged.as_ref().and_then(|judged| judged.light);
        let execution = rules
            .execution_light(&self.traits)
            .map(|rule| light::judge_execution(rule, &amounts, self.schedule, self.end_month));
        let divergence = rules.divergence_points.and_then(|points| {
            let reached = self.rows.iter().filter_map(|row| light::achievement(&row.target, row.achieved()));
            judge_divergence(points, &reached.collect::<Vec<_>>(), &amounts)
        });
        let audit = rules.audit.and_then(|rule| judge_audit(&rule, &amounts, self.schedule));
        let points = rules.audit.and_then(|rule| rule.idle_money_points);
        let idle = points
            .zip(self.physical_progress)
            .and_then(|(points, physical)| judge_idle_money(points, &amounts, physical));
        let (objective, objective_steps) = self.objective_light(rules);
        let overall = light::worst([of(&execution), objective, of(&divergence), of(&audit), of(&idle)]);
        let named = |light: Option<Light>| light.map_or("不判定", Light::chinese);
        let mut explanation = Explanation::by(&rules.rule_set, "monitoring.report.worst_of").concluding(
            format!(
                "预算执行{}，目标完成{}，综合为{}",
                named(of(&execution)),
                named(objective),
                named(overall)
            ),
            format!(
                "The worst of execution and objective is {}",
                overall.map_or("not judged", Light::as_str)
            ),
        );
        let others = [&execution, &divergence, &audit, &idle].into_iter().flatten();
        explanation.steps.extend(others.flat_map(|judged| judged.explanation.steps.clone()));
        explanation.steps.extend(objective_steps);
        Lights {
            execution: of(&execution),
            objective,
            overall,
            forecast: light::worst(self.rows.iter().map(|row| row.forecast_light)),
            divergence: of(&divergence),
            audit: of(&audit),
            idle_money: of(&idle),
            explanation,
        }
    }

    /// Light of the objective: the worst indicator's, or a whole department's by duty and goal where the rules say so.
    fn objective_light(&self, rules: &Rules) -> (Option<Light>, Vec<Step>) {
        let named = |light: Option<Light>| light.map_or("不判定", Light::chinese);
        let worst = light::worst(self.rows.iter().map(|row| row.light));
        let mut step = Step::new("目标完成灯", "各指标中最差的灯：红、黄、绿、蓝", named(worst));
        for row in &self.rows {
            let name = row.levels.last().map_or("", String::as_str);
            step = step.input(name, named(row.light));
        }
        match self.department_rule(rules) {
            Some(rule) => {
                let judged = judge_department(&rule, self.duty_fulfilled, worst);
                (judged.light, [vec![step], judged.explanation.steps].concat())
            }
            None => (worst.filter(|_| rules.worst_indicator_decides), vec![step]),
        }
    }

    /// The rule that asks a whole department for its duty; `None` for everything else.
    pub(super) fn department_rule(&self, rules: &Rules) -> Option<DepartmentLightRule> {
        rules.department_light.filter(|_| self.kind == MonitoredKind::Department)
    }
}
