//! Reading Chinese text: figures and their units, years, likeness.

use proptest::prelude::*;
use wenxiao_kernel::Decimal;

use super::number;
use crate::domain::precheck::text::{self, Units};

fn units() -> (Vec<String>, Vec<String>) {
    let words = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    (words(&["%", "人", "人次", "元", "平方米", "页"]), words(&["名=人", "人次=人", "㎡=平方米", "％=%"]))
}

fn figures(text: &str) -> Vec<(Decimal, String, String)> {
    let (known, synonyms) = units();
    let found = Units { known: &known, synonyms: &synonyms }.figures(text).into_iter();
    found.map(|figure| (figure.value, figure.unit, figure.printed)).collect()
}

#[test]
fn figures_have_units_and_scales() {
    let figure =
        |value: &str, unit: &str, printed: &str| (number(value), unit.to_owned(), printed.to_owned());
    let cases = [
        ("选聘普查员3500名", vec![figure("3500", "人", "3500名")]),
        ("培训500人次", vec![figure("500", "人", "500人次")]),
        (
            "投资3200万元，其中1.5亿元",
            vec![figure("32000000", "元", "3200万元"), figure("150000000", "元", "1.5亿元")],
        ),
        ("扫描150万页", vec![figure("1500000", "页", "150万页")]),
        ("合格率９８％以上", vec![figure("98", "%", "98%")]),
        ("60%至75%", vec![figure("60", "%", "60%"), figure("75", "%", "75%")]),
        ("修缮1,200平方米", vec![figure("1200", "平方米", "1,200平方米")]),
        // Years, ordinals, numbers of documents and of days are none.
        ("2020年第3人民医院按〔2020〕12号文，12月31日前", vec![]),
        ("示例项目155建设，120急救", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(figures(text), expected, "{text}");
    }
}

#[test]
fn years_are_told_from_budget_years() {
    assert_eq!(text::years("2019年度完成，2021年12月底前"), [(2019, true), (2021, false)]);
    assert_eq!(text::years("12345年，800年，20年一遇"), []);
}

#[test]
fn figures_and_punctuation_do_not_make_two_texts_differ() {
    let (one, other) = ("完成清扫保洁410万平方米，日产日清。", "完成清扫保洁395万平方米、日产日清");
    assert_eq!(text::likeness(&text::wording(one), &text::wording(other)), Decimal::ONE);
    assert_ne!(text::plain(one), text::plain(other));
}

proptest! {
    #[test]
    fn likeness_is_a_share_the_same_both_ways(one in "[一-十完成项目]{0,30}", other in "[一-十完成项目]{0,30}") {
        let share = text::likeness(&one, &other);
        prop_assert!(share >= Decimal::ZERO && share <= Decimal::ONE);
        prop_assert_eq!(share, text::likeness(&other, &one));
        if one.chars().count() > 1 {
            prop_assert_eq!(text::likeness(&one, &one), Decimal::ONE);
        }
    }

    #[test]
    fn reading_figures_never_fails(text in "\\PC{0,60}") {
        let (known, synonyms) = units();
        let _ = Units { known: &known, synonyms: &synonyms }.figures(&text);
        let _ = text::years(&text);
    }

    #[test]
    fn a_figure_in_a_sentence_is_found(value in 1i64..1_000_000, scale in 0u32..3) {
        let value = Decimal::new(value, scale);
        let found = figures(&format!("全年培训干部{value}人次，合格"));
        prop_assert_eq!(found.len(), 1);
        prop_assert_eq!(found[0].0, value);
    }
}
