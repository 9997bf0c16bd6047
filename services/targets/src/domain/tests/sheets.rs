//! Official forms as sheets: what is laid out reads back, and what bureaus get wrong is said at its cell.

mod full;

use proptest::prelude::*;
use wenxiao_kernel::{AmountUnit, Decimal, Money, Operator};

use crate::domain::form::{Form, Indicator, Level1};
use crate::domain::sheet::{self, Cell, Choice, Fault, Head, Layout, Place, Sheet, with_identifiers};
use crate::domain::target::Target;

use full::*;

#[test]
fn both_layouts_read_back_to_the_same_hash_in_every_unit() {
    for unit in [AmountUnit::Yuan, AmountUnit::TenThousandYuan, AmountUnit::HundredMillionYuan] {
        for (layout, form) in [(Layout::Project, full()), (Layout::WholeDepartment, department())] {
            let filed = round_trip(&form, layout, unit);
            assert_eq!(filed.form, form);
            assert_eq!(filed.form.content_hash(), form.content_hash());
            assert_eq!(
                (filed.subject.as_str(), filed.title.as_str()),
                ("35020515T000000000007", "校舍-修缮")
            );
        }
    }
    let with_money = Form { department_profile: department().department_profile, ..full() };
    assert_eq!(round_trip(&with_money, Layout::WholeDepartment, AmountUnit::Yuan).form, with_money);
}

/// DOMAIN 3.1, field by field, on a form that is filled in and on an empty one.
#[test]
fn the_official_form_has_every_field() {
    let fields = [
        "项目名称",
        "项目性质",
        "项目类别",
        "主管部门及代码",
        "实施单位",
        "计划开始日期",
        "计划完成日期",
        "项目资金总额",
        "其中：财政资金",
        "其他资金",
        "年度资金申请总额",
        "其中：当年财政拨款",
        "上年结转资金",
        "项目总目标",
        "年度总体目标",
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
        "填报人",
        "负责人",
        "电话",
    ];
    let head = head(Layout::Project, AmountUnit::Yuan);
    for pieces in [sheet::plan(&head, &full(), &frame()), sheet::blank(&head, &frame())] {
        let printed: Vec<String> =
            pieces.iter().filter_map(|piece| piece.cell.as_ref()).map(Cell::text).collect();
        let missing: Vec<&str> =
            fields.into_iter().filter(|field| !printed.iter().any(|text| text == field)).collect();
        assert_eq!(missing, [""; 0]);
        assert!(printed.contains(&"（2020年度）".to_owned()) && printed.contains(&"特定目标类".to_owned()));
    }
}

#[test]
fn the_empty_form_offers_the_years_choices_and_is_no_filled_one() {
    let head =
        Head { subject: String::new(), title: String::new(), ..head(Layout::Project, AmountUnit::Yuan) };
    let pieces = sheet::blank(&head, &frame());
    let offered = |choice: Choice| pieces.iter().filter(|piece| piece.choice == Some(choice)).count();
    assert_eq!(
        (offered(Choice::Level1), offered(Choice::Operator), offered(Choice::AmountUnit)),
        (30, 30, 1)
    );
    assert_eq!(Choice::Level1.options(&frame()), ["产出指标", "效益指标", "满意度指标"]);
    assert!(Choice::Level2.options(&frame()).contains(&"社会效益指标".to_owned()));
    let faults = read_as(&sheet_of(&pieces), Layout::Project).unwrap_err();
    assert_eq!(faults, [Fault::of_sheet("没有填写项目代码")]);
    assert!(read_as(&sheet_of(&pieces), Layout::WholeDepartment).is_err(), "the other layout is refused");
}

/// A short form by its rows of cells; blanks are left out.
fn typed(rows: &[&[&str]]) -> Sheet {
    let mut sheet = Sheet::default();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            sheet.put(Place { row, column }, Cell::Text((*text).to_owned()));
        }
    }
    sheet
}

const HEAD: [&[&str]; 3] =
    [&["项目支出绩效目标申报表"], &["（2020年度）"], &["项目名称", "35020515T000000000007-校舍修缮"]];
const TABLE: &[&str] =
    &["绩效指标", "一级指标", "二级指标", "三级指标", "计算符号", "指标值", "计量单位", "权重"];

fn with_rows(money: &[&[&str]], indicators: &[&[&str]]) -> Sheet {
    let rows: Vec<&[&str]> = HEAD.iter().chain(money).chain([&TABLE]).chain(indicators).copied().collect();
    typed(&rows)
}

/// What a row of value cells reads as: operator, target, unit, printed wording.
fn target_of(level1: &str, sign: &str, value: &str, unit: &str) -> Result<Indicator, Vec<Fault>> {
    let level2 = if level1 == "满意度指标" { "服务对象满意度" } else { "" };
    let row: &[&str] = &["", level1, level2, "某指标", sign, value, unit, "10"];
    read_as(&with_rows(&[], &[row]), Layout::Project).map(|mut filed| filed.form.indicators.remove(0))
}

#[test]
fn traps_of_target_values_are_read_or_said_and_never_guessed() {
    for nothing in ["", "*", "/"] {
        assert_eq!(
            target_of("产出指标", "≥", nothing, "个").unwrap().target,
            None,
            "{nothing:?} is not zero"
        );
    }
    for (sign, value, unit, operator, target, measure) in [
        ("", "≥95%", "", Operator::AtLeast, "95", "%"),
        ("≥", "95%", "%", Operator::AtLeast, "95", "%"),
        ("≤", "30", "万元", Operator::AtMost, "30", "万元"),
        ("", "≤30万元", "", Operator::AtMost, "30", "万元"),
        ("＝", "0", "起", Operator::Equal, "0", "起"),
        ("", "850余个", "", Operator::AtLeast, "850", "个"),
        ("≥", "0.95", "", Operator::AtLeast, "0.95", ""),
    ] {
        let row = target_of("产出指标", sign, value, unit).unwrap();
        let read = (row.operator, row.target, row.measure_unit.as_str());
        assert_eq!(
            read,
            (Some(operator), Some(Target::Number(number(target))), measure),
            "{sign} {value} {unit}"
        );
    }
    let said = |sign, value, unit| target_of("产出指标", sign, value, unit).unwrap_err().remove(0);
    assert_eq!(said("≥", "完成", "个").cell, "F5");
    assert!(said("≥", "完成", "个").text.contains("不是数字"));
    assert!(said("≤", "≥17.4", "万元").text.contains("却表示“≥”"), "a sign that contradicts its column");
    assert!(said("≤", "30万元", "元").text.contains("单位"), "万元 in the value, 元 in the column");
    assert!(said("区间", "90", "%").text.contains("上下限"));
    assert_eq!(said("约", "90", "%").cell, "E5");
    let lost = target_of("满意度指标", "", "290%", "").unwrap_err();
    assert!(lost[0].text.contains("290%超过100%"), "{lost:?}");
    // 95 % typed into a cell of per cents is 0.95 to a program: nobody can tell it from a real 0.95 %.
    let mut sheet = with_rows(&[], &[&["", "产出指标", "", "合格率", "≥", "", "%", "10"]]);
    sheet.put(Place { row: 4, column: 5 }, Cell::Number(number("0.95")));
    assert!(read_as(&sheet, Layout::Project).unwrap_err()[0].text.contains("按文本填写"));
}

#[test]
fn amounts_need_their_unit_and_keep_what_was_printed() {
    let of = |label: &str, value: &str| {
        let rows: [&[&str]; 1] = [&["", label, "", value]];
        read_as(&with_rows(&rows, &[]), Layout::Project).map(|filed| filed.form.annual_funding)
    };
    let total = |label, value| of(label, value).unwrap().unwrap().total;
    assert_eq!(total("年度资金申请总额（万元）", "1,828.34"), money("18283400"));
    assert_eq!(total("年度资金申请总额（元）", "1828.34"), money("1828.34"));
    let open = of("年度资金申请总额", "0.6亿多").unwrap().unwrap();
    assert_eq!(open.total, money("60000000"));
    assert_eq!(open.printed_total.unwrap().text, "0.6亿多", "the open bound survives");
    assert_eq!(of("年度资金申请总额（元）", "/").unwrap(), None, "nothing is not zero");
    assert!(of("年度资金申请总额", "1828.34").unwrap_err()[0].text.contains("没有单位"));
    assert!(of("年度资金申请总额（元）", "壹万").unwrap_err()[0].text.contains("不是金额"));
    assert!(of("年度资金申请总额（元）", "0.001").unwrap_err()[0].text.contains("不足一分"));
    assert!(of("上年结转资金（万元）", "3").unwrap_err()[0].text.contains("没有年度资金申请总额"));
    assert!(of("其中：当年财政拨款", "0.6亿多").is_err(), "only a total may be a bound");
}

#[test]
fn money_side_by_side_is_never_mixed() {
    let money_rows: [&[&str]; 5] = [
        &["金额单位", "万元"],
        &["项目资金", "项目资金总额", "", "300", "年度资金申请总额", "", "", "100"],
        &["", "其中：财政资金", "", "250", "其中：当年财政拨款", "", "", "90"],
        &["", "其他资金", "", "50", "上年结转资金", "", "", "7"],
        &["", "", "", "", "其他资金", "", "", "3"],
    ];
    let form = read_as(&with_rows(&money_rows, &[]), Layout::Project).unwrap().form;
    let (whole, annual) = (form.whole_life_funding.unwrap(), form.annual_funding.unwrap());
    assert_eq!(
        (whole.total, whole.fiscal, whole.other),
        (money("3000000"), Some(money("2500000")), Some(money("500000")))
    );
    assert_eq!(
        (annual.appropriation, annual.carry_over, annual.other),
        (Some(money("900000")), Some(money("70000")), Some(money("30000")))
    );
}

#[test]
fn every_fault_of_a_sheet_is_said_at_its_cell() {
    let sheet = typed(&[
        &["项目支出绩效目标申报表"],
        &["（2019年度）"],
        &["项目名称", "校舍修缮"],
        &["项目性质", "长期", "", "", "计划开始日期", "明年"],
        TABLE,
        &["", "投入指标", "", "甲", "≥", "1", "个", "10分"],
        &["", "产出指标", "满意度指标", "", "≥", "1", "个", "10"],
        &["权重合计", "", "", "", "", "", "", "90"],
        &["填报人：张三", "", "", "负责人：李四", "", "", "电话：6051234"],
    ]);
    let faults = read_as(&sheet, Layout::Project).unwrap_err();
    let cells: Vec<&str> = faults.iter().map(|fault| fault.cell.as_str()).collect();
    assert_eq!(cells, ["B4", "F4", "B6", "H6", "D6", "C7", "D7", "A2", "B3"], "{faults:#?}");
}

#[test]
fn merged_levels_continue_and_the_foot_ends_the_table() {
    let sheet = with_rows(
        &[],
        &[
            &["", "产出指标", "数量指标", "甲", "≥", "1", "个", "10"],
            &["", "", "", "乙", "≥", "1", "个", "10"],
            &["", "", "质量", "丙", "≥", "1", "个", "10"],
            &["", "效益指标", "", "丁", "≥", "1", "个", "10"],
            &["填报人：张三", "", "", "负责人：李四", "", "", "电话：6051234"],
        ],
    );
    let form = read_as(&sheet, Layout::Project).unwrap().form;
    let rows: Vec<_> = form.indicators.iter().map(|row| (row.level1, row.level2_code.as_str())).collect();
    let (output, benefit) = (Some(Level1::Output), Some(Level1::Benefit));
    assert_eq!(rows, [(output, "11"), (output, "11"), (output, "12"), (benefit, "")]);
    assert_eq!(
        (form.filer_name.as_str(), form.leader_name.as_str(), form.phone_number.as_str()),
        ("张三", "李四", "6051234")
    );
}

#[test]
fn indicators_keep_the_identifiers_that_they_had() {
    let earlier = full();
    let mut again = full();
    again.indicators.iter_mut().for_each(|row| row.id.clear());
    again.indicators.push(indicator("", Level1::Output, "质量指标", "新增"));
    let numbered = with_identifiers(again, Some(&earlier));
    let ids: Vec<&str> = numbered.indicators.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["q1", "q2", "c1", "o1", "b1", "s1", "b2", "b3", "i1"]);
}

#[test]
fn addresses_are_those_of_a_spreadsheet() {
    for (row, column, address) in
        [(0, 0, "A1"), (6, 2, "C7"), (9, 25, "Z10"), (0, 26, "AA1"), (0, 701, "ZZ1"), (0, 702, "AAA1")]
    {
        assert_eq!(Place { row, column }.address(), address);
    }
}

proptest! {
    /// Any mix of levels, signs, values and weights comes back as it was.
    #[test]
    fn any_table_reads_back(rows in prop::collection::vec((0usize..8, 0usize..4, -999_999i64..999_999, 0u32..4, prop::option::of(0i64..10_000), "[a-z甲乙丙（）]{1,8}"), 0..40),
                            fen in 0i64..1_000_000_000_000, unit in 0usize..3) {
        let places = [(Level1::Output, "数量指标"), (Level1::Output, "质量指标"), (Level1::Output, ""), (Level1::Benefit, "社会效益指标"),
            (Level1::Benefit, ""), (Level1::Satisfaction, "服务对象满意度指标"), (Level1::Satisfaction, ""), (Level1::Output, "成本指标")];
        let signs = [Operator::AtLeast, Operator::LessThan, Operator::Range, Operator::Qualitative];
        let mut form = full();
        form.indicators = rows.iter().enumerate().map(|(at, (place, sign, value, scale, weight, title))| {
            let (level1, level2) = places[*place];
            let value = Decimal::new(*value, *scale);
            let target = match signs[*sign] {
                Operator::Range => Target::Range { lower: value, upper: value },
                Operator::Qualitative => Target::Text(format!("达到{title}")),
                _ => Target::Number(value),
            };
            Indicator {
                operator: Some(signs[*sign]),
                target: Some(target),
                weight: weight.map(|weight| Decimal::new(weight, 2)),
                ..indicator(&format!("x{at}"), level1, level2, title)
            }
        }).collect();
        form.annual_funding.as_mut().unwrap().total = Money::from_yuan(Decimal::new(fen, 2)).unwrap();
        let unit = [AmountUnit::Yuan, AmountUnit::TenThousandYuan, AmountUnit::HundredMillionYuan][unit];
        prop_assert_eq!(round_trip(&form, Layout::Project, unit).form, form);
    }

    /// Whatever stands in the cells of a sheet, reading it ends in a form or in faults, and never in a panic.
    #[test]
    fn any_cells_are_read_or_refused(cells in prop::collection::vec((0u32..30, 0u32..10, "[一二三级指标年度权重合计填报人：*/≥0-9.%万元亿多~-]{0,12}"), 0..120)) {
        let mut sheet = typed(&HEAD);
        for (row, column, text) in cells {
            sheet.put(Place { row: row + 3, column }, Cell::Text(text));
        }
        if let Err(faults) = read_as(&sheet, Layout::Project) {
            prop_assert!(!faults.is_empty());
        }
    }
}
