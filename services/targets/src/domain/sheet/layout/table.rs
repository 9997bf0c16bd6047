//! The table of indicators.

use super::{Plan, Style, WIDTH, points};
use crate::domain::form::{Indicator, Period};
use crate::domain::sheet::{Choice, target, values};

/// Headings of every form.
const HEADINGS: [&str; 13] = [
    "一级指标",
    "二级指标",
    "三级指标",
    "计算符号",
    "指标值",
    "计量单位",
    "权重",
    "指标内容",
    "评（扣）分标准",
    "备注",
    "数据来源",
    "上年值",
    "指标期限",
];
/// Headings of what only programs need: an empty form does not have them.
const KEYS: [&str; 5] = ["所属年度绩效目标", "指标值原文", "指标编号", "二级指标代码", "指标库指标"];

impl Plan<'_> {
    pub(super) fn indicators(&mut self) {
        let rows = u32::try_from(self.form.indicators.len()).unwrap_or(u32::MAX).max(self.prepared);
        self.label(0, 1, "绩效指标");
        self.cover(rows.saturating_add(1));
        let keys: &[&str] = if self.prepared == 0 { &KEYS } else { &[] };
        for (column, heading) in (1..).zip(HEADINGS.iter().chain(keys)) {
            self.label(column, 1, heading);
        }
        self.next();
        let form = self.form;
        for (at, indicator) in form.indicators.iter().enumerate() {
            self.levels(&form.indicators, at);
            self.indicator(indicator);
            self.next();
        }
        for _ in 0..self.prepared {
            for (column, choice) in
                [(1, Choice::Level1), (2, Choice::Level2), (4, Choice::Operator), (13, Choice::Period)]
            {
                self.text(column, 1, "");
                self.choose(choice);
            }
            for column in [3, 5, 6, 7] {
                self.text(column, 1, "");
            }
            self.next();
        }
    }

    /// Levels one and two, merged over the rows that share them.
    fn levels(&mut self, rows: &[Indicator], at: usize) {
        let Some(row) = rows.get(at) else { return };
        let above = at.checked_sub(1).and_then(|above| rows.get(above));
        // A row without a level two below one that has it must say its level one again, or it would inherit both.
        let starts1 = |row: &Indicator, above: Option<&Indicator>| {
            above.is_none_or(|above| {
                above.level1 != row.level1 || (row.level2_name.is_empty() && !above.level2_name.is_empty())
            })
        };
        let starts2 = |row: &Indicator, above: Option<&Indicator>| {
            starts1(row, above) || above.is_none_or(|above| above.level2_name != row.level2_name)
        };
        let below = rows.iter().skip(at.saturating_add(1));
        let pairs = || below.clone().zip(rows.iter().skip(at));
        let length = |starts: &dyn Fn(&Indicator, Option<&Indicator>) -> bool| {
            let same = pairs().take_while(|(row, above)| !starts(row, Some(above))).count();
            u32::try_from(same).unwrap_or_default().saturating_add(1)
        };
        let word = row.level1.map_or("*".to_owned(), |level1| values::level1_word(level1, self.frame));
        let merged = [
            (starts1(row, above), 1, word, length(&starts1), Choice::Level1),
            (starts2(row, above), 2, row.level2_name.clone(), length(&starts2), Choice::Level2),
        ];
        for (starts, column, word, rows, choice) in merged {
            if starts {
                self.text(column, 1, &word);
                self.choose(choice);
                self.cover(rows);
            }
        }
    }

    fn indicator(&mut self, indicator: &Indicator) {
        let sign = match (indicator.operator, &indicator.target) {
            (Some(operator), _) => values::sign(operator),
            // Nothing is to be read into what has no sign.
            (None, Some(target::Target::Text(_) | target::Target::Range { .. })) => "*",
            (None, _) => "",
        };
        self.text(3, 1, &indicator.title);
        self.text(4, 1, sign);
        self.choose(Choice::Operator);
        self.put(5, 1, indicator.target.as_ref().map(target::value_cell), Style::Value);
        self.text(6, 1, &indicator.measure_unit);
        self.put(7, 1, indicator.weight.map(points), Style::Value);
        let period = match indicator.period {
            Period::Annual => "年度",
            Period::WholeLife => "中长期",
        };
        let goal = match indicator.goal_number {
            0 => String::new(),
            number => number.to_string(),
        };
        let rest = [
            indicator.description.as_str(),
            &indicator.scoring_standard,
            &indicator.note,
            &indicator.data_source,
            &indicator.baseline,
            period,
            &goal,
            &indicator.printed_target,
            &indicator.id,
            &indicator.level2_code,
            &indicator.library_indicator,
        ];
        for (column, text) in (WIDTH..).zip(rest) {
            self.text(column, 1, text);
        }
    }
}
