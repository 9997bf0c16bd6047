use super::super::frame::FrameNode;
use super::*;

fn node(code: &str, parent: &str, kind: NodeKind) -> FrameNode {
    FrameNode {
        code: code.to_owned(),
        title: code.to_owned(),
        title_en: String::new(),
        parent_code: parent.to_owned(),
        kind,
        required: false,
    }
}

fn frame() -> Frame {
    Frame {
        id: "classic".to_owned(),
        title: "经典".to_owned(),
        source: String::new(),
        verified: false,
        national_default: true,
        first_fiscal_year: None,
        last_fiscal_year: None,
        nodes: vec![
            node("1", "", NodeKind::Output),
            node("11", "1", NodeKind::OutputQuantity),
            node("14", "1", NodeKind::Cost),
        ],
    }
}

fn indicator() -> Indicator {
    Indicator {
        id: "LJ001".to_owned(),
        code: "LJ001".to_owned(),
        title: "生活垃圾分类覆盖率".to_owned(),
        frame: "classic".to_owned(),
        node_code: "11".to_owned(),
        common: false,
        unit: code("602"),
        operator: Some(Operator::AtLeast),
        measure_unit: "%".to_owned(),
        value_description: "已开展分类的村居数÷村居总数".to_owned(),
        suggested_value: "95%".to_owned(),
        scoring_standard: "按完成比例计分".to_owned(),
        data_source: String::new(),
        keywords: Vec::new(),
        start_date: None,
        end_date: None,
        state: IndicatorState::Draft,
        project_categories: Vec::new(),
        proposal: None,
        refusal_reason: String::new(),
        words: String::new(),
    }
}

fn code(text: &str) -> Option<AgencyCode> {
    text.parse().ok()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn proposal(unit: &str) -> Proposal {
    Proposal {
        unit: code(unit).unwrap_or_else(AgencyCode::placeholder),
        project: None,
        reason: String::new(),
        proposer: "filer".to_owned(),
        propose_time: DateTime::default(),
        endorse_time: None,
    }
}

fn fields(refused: Result<(), Refusal>) -> Vec<String> {
    match refused {
        Err(Refusal::Invalid(violations)) => violations.into_iter().map(|one| one.field).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_proposal_goes_through_the_department_to_the_bureau() {
    let mut one = indicator();
    one.propose(proposal("602002"), false);
    assert_eq!(one.check(&frame()), Ok(()));
    assert!(matches!(one.confirm(), Err(Refusal::State { .. })), "the department comes first");
    assert_eq!(one.endorse(DateTime::default()), Ok(()));
    assert!(one.endorse(DateTime::default()).is_err(), "once");
    assert_eq!(one.confirm(), Ok(()));
    assert!(one.refuse("重复").is_err(), "it is in the library");
}

#[test]
fn a_department_confirms_its_own_proposal_by_making_it() {
    let mut own = indicator();
    own.propose(proposal("602"), true);
    assert_eq!((own.state, own.confirm()), (IndicatorState::Endorsed, Ok(())));
    let mut below = indicator();
    below.propose(proposal("602002"), true);
    assert_eq!(below.state, IndicatorState::Draft, "a unit's proposal, whoever enters it");
    let mut filer = indicator();
    filer.propose(proposal("602"), false);
    assert_eq!(filer.state, IndicatorState::Draft, "a filer of the department is not its reviewer");
    let mut foreign = indicator();
    foreign.propose(proposal("603001"), false);
    assert_eq!(fields(foreign.check(&frame())), ["unit"]);
}

#[test]
fn what_is_refused_has_a_reason_and_stays_refused() {
    let mut one = indicator();
    assert_eq!(fields(one.refuse(" ")), ["reason"]);
    assert_eq!(one.refuse("与共性指标重复"), Ok(()));
    assert!(one.confirm().is_err() && one.refuse("再次").is_err());
    assert!(one.clone().check_change_from(&one).is_err());
    assert!(one.endorse(DateTime::default()).is_err());
    let mut bureau = indicator();
    assert!(bureau.endorse(DateTime::default()).is_err(), "the bureau's own draft needs no department");
}

#[test]
fn an_indicator_goes_out_of_use_from_a_day_to_come() {
    let mut one = indicator();
    one.start_date = Some(day("2020-03-01"));
    assert_eq!(one.confirm(), Ok(()));
    assert_eq!(fields(one.clone().retire(day("2020-02-29"), day("2020-02-01"))), ["end_date"]);
    assert_eq!(fields(one.clone().retire(day("2020-06-30"), day("2020-07-01"))), ["end_date"]);
    assert_eq!(one.retire(day("2020-12-31"), day("2020-07-01")), Ok(()));
    assert_eq!(one.state, IndicatorState::Retired);
}

#[test]
fn the_value_says_what_it_means() {
    let cost = Indicator { node_code: "14".to_owned(), ..indicator() };
    assert_eq!(fields(cost.check(&frame())), ["operator"], "a cost that should be high");
    let text = Indicator { suggested_value: "完成".to_owned(), ..indicator() };
    assert_eq!(fields(text.check(&frame())), ["suggested_value"]);
    for number in ["0", "95", "95%", "1,200.5"] {
        let one = Indicator { suggested_value: number.to_owned(), ..indicator() };
        assert_eq!(one.check(&frame()), Ok(()), "{number}");
    }
    let qualitative = Indicator {
        operator: Some(Operator::Qualitative),
        suggested_value: "有效提升".to_owned(),
        measure_unit: String::new(),
        ..indicator()
    };
    assert_eq!(qualitative.check(&frame()), Ok(()));
    let mut bare =
        Indicator { scoring_standard: String::new(), value_description: String::new(), ..indicator() };
    assert_eq!(fields(bare.confirm()), ["scoring_standard", "value_description"]);
}

#[test]
fn what_is_confirmed_keeps_its_place() {
    let mut before = indicator();
    assert_eq!(before.confirm(), Ok(()));
    let reworded = Indicator { scoring_standard: "完成得满分".to_owned(), ..before.clone() };
    assert_eq!(reworded.check_change_from(&before), Ok(()));
    let moved = Indicator { node_code: "14".to_owned(), ..before.clone() };
    assert!(matches!(moved.check_change_from(&before), Err(Refusal::State { .. })));
    let emptied = Indicator { scoring_standard: String::new(), ..before.clone() };
    assert_eq!(fields(emptied.check_change_from(&before)), ["scoring_standard"]);
}
