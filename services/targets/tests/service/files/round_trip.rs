//! What goes out comes back; many files and many sheets; the bureau's own forms.

use super::*;

#[tokio::test]
async fn both_layouts_come_back_with_the_same_hash() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    let mut request = creation("o1", "p-602002-1", 2021);
    let form = request.objective.as_mut().unwrap().content.as_mut().unwrap();
    form.whole_life_funding = Some(wire::WholeLifeFunding {
        total_amount: money(63_210_000, 0),
        printed_total: Some(common::PrintedAmount {
            value: number("0.6"),
            unit: common::AmountUnit::HundredMillionYuan.into(),
            bound: common::FigureBound::AtLeast.into(),
            text: "0.6亿多".to_owned(),
        }),
        ..Default::default()
    });
    form.indicators[1].target_value =
        Some(wire::TargetValue { printed: "*".to_owned(), ..Default::default() });
    form.nature = wire::ProjectNature::Phased.into();
    form.medium_term_goal = "三年内完成\n全部校舍修缮".to_owned();
    unit.create_objective(request).await.unwrap();
    let mut head = objectives(&suite, officer());
    let mut whole = creation("o2", "", 2021);
    let objective = whole.objective.as_mut().unwrap();
    objective.subject = Some(Subject::WholeDepartment(format!("{DISTRICT}/units/602")));
    objective.content = Some(department_form());
    objectives(&suite, filer("602")).create_objective(whole).await.unwrap();
    let before = hashes(&suite).await;
    assert_eq!(before.len(), 2);

    for (layout, id, amount_unit) in [
        (wire::FormLayout::Project, "o1", common::AmountUnit::TenThousandYuan),
        (wire::FormLayout::WholeDepartment, "o2", common::AmountUnit::Yuan),
    ] {
        let ask = wire::ExportObjectivesRequest {
            layout: layout.into(),
            amount_unit: amount_unit.into(),
            ..exporting(&[id])
        };
        let (name, file) = collect(head.export_objectives(ask).await).await;
        assert!(name.starts_with("2021") && name.ends_with(".xlsx"), "{name}");
        let options = wire::ImportObjectivesRequest { layout: layout.into(), ..options() };
        // What is there already stays as it is: the same hash, and no new version.
        let again = import(&suite, officer(), &file, options.clone()).await;
        assert_eq!((again.unchanged_count, again.errors.len()), (1, 0), "{again:?}");
        assert_eq!(hashes(&suite).await, before);
        // And where it was taken away, the file brings it back.
        sqlx::query("delete from targets.objectives where id = $1")
            .bind(id)
            .execute(&mut suite.superuser().await)
            .await
            .unwrap();
        let restored = import(&suite, officer(), &file, options).await;
        assert_eq!((restored.created_count, restored.errors.len()), (1, 0), "{restored:?}");
        assert_eq!(hashes(&suite).await, before);
    }
}

/// The head prints what the registry knows; a policy has no form, and the call says so.
#[tokio::test]
async fn a_form_prints_its_category_and_a_policy_has_none() {
    let suite = start().await;
    let mut unit = objectives(&suite, filer("602002"));
    unit.create_objective(creation("o1", "p-602002-1", 2021)).await.unwrap();
    let (_, file) = collect(unit.export_objectives(exporting(&["o1"])).await).await;
    let parts = files_of(&file);
    let strings = parts.iter().find(|(part, _)| part == "xl/sharedStrings.xml").unwrap();
    let strings = String::from_utf8(strings.1.clone()).unwrap();
    assert!(strings.contains("项目类别") && strings.contains("特定目标类"), "{strings}");
    let mut policy = creation("o2", "", 2021);
    policy.objective.as_mut().unwrap().subject =
        Some(Subject::Policy(format!("{DISTRICT}/policies/m-602002-1")));
    unit.create_objective(policy).await.unwrap();
    let refused = unit.export_objectives(exporting(&["o2"])).await.map(|_| tonic::Response::new(()));
    let status = expect_violations(refused, "INVALID_REQUEST", &["objectives"]);
    assert!(violations(&status)[0].description.contains("政策没有规定的表式"));
}

#[tokio::test]
async fn a_zip_of_many_and_a_workbook_of_many_sheets_are_read_and_written() {
    let suite = start().await;
    let projects: Vec<String> = (1..=30).map(|n| format!("p-602002-{n}")).collect();
    let books: Vec<(String, Vec<u8>)> = projects[..20]
        .iter()
        .map(|project| (format!("学校/{project}.xlsx"), workbook(&[form(project, "≥", "1200", "平方米")])))
        .chain([("__MACOSX/._x.xlsx".to_owned(), b"shadow".to_vec())])
        .collect();
    let done = import(&suite, officer(), &archive(&books), options()).await;
    assert_eq!((done.created_count, done.objective_count, done.errors.len()), (20, 20, 0), "{done:?}");
    // A unit imports its own in one workbook: those that are there are changed, those that are not are made.
    let mut sheets: Vec<_> = projects[10..].iter().map(|p| form(p, "≤", "900", "平方米")).collect();
    sheets.push(vec![]);
    let done = import(&suite, filer("602002"), &workbook(&sheets), options()).await;
    assert_eq!((done.created_count, done.updated_count, done.errors.len()), (10, 10, 0), "{done:?}");
    let list =
        wire::ListObjectivesRequest { parent: DISTRICT.to_owned(), page_size: 100, ..Default::default() };
    let all = objectives(&suite, officer()).list_objectives(list).await.unwrap().into_inner().objectives;
    assert_eq!(all.len(), 30);
    let one = all
        .iter()
        .find(|one| one.subject == Some(Subject::Project(format!("{DISTRICT}/projects/p-602002-11"))));
    let one = one.unwrap();
    assert_eq!((one.version, one.unit.as_str()), (2, &*format!("{DISTRICT}/units/602002")));
    let content = one.content.as_ref().unwrap();
    assert_eq!(content.annual_funding.as_ref().unwrap().total_amount, yuan(1_005_000), "万元 became yuan");
    assert_eq!(content.indicators[0].indicator_id, "i1");

    let mut connection = suite.superuser().await;
    assert_eq!(count(&mut connection, "select count(*) from targets.import_chunks").await, 0);
    assert_eq!(count(&mut connection, "select count(*) from targets.import_forms").await, 0);
    wait_for_the_journal(&mut connection, "objective.created", 30).await;
    wait_for_the_journal(&mut connection, "objective.edited", 10).await;

    let (name, file) = collect(objectives(&suite, officer()).export_objectives(exporting(&[])).await).await;
    assert_eq!(name, "2021项目支出绩效目标申报表.zip");
    let packed = files_of(&file);
    assert_eq!(packed.len(), 30);
    assert!(packed[0].0.starts_with("p-602002-") && packed[0].0.ends_with(".xlsx"), "{}", packed[0].0);
    let again = import(&suite, officer(), &file, options()).await;
    assert_eq!((again.unchanged_count, again.objective_count), (30, 0), "{again:?}");
    let book =
        wire::ExportObjectivesRequest { packaging: wire::FormPackaging::Workbook.into(), ..exporting(&[]) };
    let (_, file) = collect(objectives(&suite, filer("602002")).export_objectives(book).await).await;
    let again = import(&suite, filer("602002"), &file, options()).await;
    assert_eq!(again.unchanged_count, 30, "many sheets come back too: {again:?}");
    // Another unit sees none of them.
    let (_, file) = collect(objectives(&suite, filer("701")).export_objectives(exporting(&[])).await).await;
    assert_eq!(files_of(&file).len(), 0);
}

#[tokio::test]
async fn the_template_is_the_years_and_reads_when_it_is_filled_in() {
    let suite = start().await;
    for (layout, title) in [
        (wire::FormLayout::Project, "项目支出绩效目标申报表"),
        (wire::FormLayout::WholeDepartment, "部门整体支出绩效目标表"),
    ] {
        let ask = wire::DownloadObjectiveTemplateRequest {
            parent: DISTRICT.to_owned(),
            fiscal_year: 2021,
            layout: layout.into(),
            amount_unit: common::AmountUnit::TenThousandYuan.into(),
        };
        let answer = objectives(&suite, filer("602002")).download_objective_template(ask).await;
        let (name, file) = collect(answer).await;
        assert_eq!(name, format!("2021{title}模板.xlsx"));
        let parts = files_of(&file);
        let part = |name: &str| {
            let found = parts.iter().find(|(part, _)| part == name).unwrap();
            String::from_utf8(found.1.clone()).unwrap()
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        assert!(sheet.matches("<dataValidation ").count() > 90, "lists for levels, operators and more");
        assert!(sheet.contains("选项!$C$1:$C$4"), "four levels in the frame of the year");
        assert!(part("xl/sharedStrings.xml").contains("定性"));
        // Nobody has filled it in: it says what is missing and no more.
        let options = wire::ImportObjectivesRequest { layout: layout.into(), ..options() };
        let done = import(&suite, officer(), &file, options).await;
        assert_eq!(done.errors.len(), 1, "{done:?}");
        assert!(done.errors[0].text.starts_with("没有填写"));
    }
}

/// The bureau's own forms of 2020 are read to the last cell: only that these projects are not in the small registry of
/// these tests is said, at the cell with the code.
#[tokio::test]
async fn the_forms_of_haicang_are_read() {
    let suite = start().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/haicang-2020/forms");
    let mut forms: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        forms.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
    }
    forms.sort();
    assert_eq!(forms.len(), 8);
    let options = wire::ImportObjectivesRequest { fiscal_year: 2020, ..options() };
    let done = import(&suite, officer(), &archive(&forms), options).await;
    let said: Vec<(&str, &str)> =
        done.errors.iter().map(|error| (error.file_name.as_str(), error.cell.as_str())).collect();
    let expected: Vec<(&str, &str)> = forms.iter().map(|(name, _)| (name.as_str(), "B3")).collect();
    assert_eq!(said, expected, "{:#?}", done.errors);
    assert!(done.errors.iter().all(|error| error.text.starts_with("项目库中没有本单位的项目")));
}

/// A mid-year form stands beside the annual one of the same project, and is filed while its own window is open.
#[tokio::test]
async fn forms_of_money_added_during_the_year_are_imported_on_their_own_path() {
    let suite = start().await;
    let mid_year = || wire::ImportObjectivesRequest {
        filing_kind: wire::FilingKind::MidYear.into(),
        request_id: "r1".to_owned(),
        ..options()
    };
    let file =
        workbook(&[form("p-602002-1", "≥", "1200", "平方米"), form("p-602002-2", "≥", "800", "平方米")]);
    let annual = import(&suite, filer("602002"), &file, options()).await;
    assert_eq!((annual.created_count, annual.unchanged_count), (2, 0), "{annual:?}");
    let added = import(&suite, filer("602002"), &file, mid_year()).await;
    assert_eq!((added.created_count, added.unchanged_count), (2, 0), "{added:?}");
    let other = wire::ImportObjectivesRequest { request_id: "r1".to_owned(), ..options() };
    let reused = start_import(&suite, filer("602002"), &file, other).await.unwrap_err();
    assert_eq!(reason(&reused).1, "REQUEST_ID_REUSED", "the kind is part of what is asked");

    let list = |kind: wire::FilingKind| wire::ListObjectivesRequest {
        parent: DISTRICT.to_owned(),
        filing_kind: kind.into(),
        ..Default::default()
    };
    let mut unit = objectives(&suite, filer("602002"));
    let listed = unit.list_objectives(list(wire::FilingKind::MidYear)).await.unwrap().into_inner().objectives;
    assert_eq!(listed.len(), 2);
    // Only the mid-year draft changes, and a submitted one is told of before anything is written.
    let changed = workbook(&[form("p-602002-1", "≥", "1500", "平方米")]);
    let again = wire::ImportObjectivesRequest { request_id: String::new(), ..mid_year() };
    let done = import(&suite, filer("602002"), &changed, again.clone()).await;
    assert_eq!((done.created_count, done.updated_count), (0, 1), "{done:?}");
    let unchanged = import(&suite, filer("602002"), &file, options()).await;
    assert_eq!(unchanged.unchanged_count, 2, "{unchanged:?}");
    let submitted = listed.iter().find(|one| one.display_name == "项目p-602002-2").unwrap();
    let ask = wire::SubmitObjectiveRequest { name: submitted.name.clone(), ..Default::default() };
    unit.submit_objective(ask).await.unwrap();
    let done = import(&suite, filer("602002"), &file, again).await;
    assert_eq!((done.objective_count, done.errors.len()), (0, 1), "{done:?}");
    assert!(done.errors[0].text.contains("主管部门审核"), "{done:?}");

    // The mid-year window decides about mid-year forms.
    let date = |month, day| Some(wenxiao_contract::google::r#type::Date { year: 2020, month, day });
    let over = wire::CreateFilingWindowRequest {
        parent: DISTRICT.to_owned(),
        filing_window: Some(wire::FilingWindow {
            fiscal_year: 2021,
            filing_kind: wire::FilingKind::MidYear.into(),
            open_date: date(6, 1),
            due_date: date(6, 30),
            ..Default::default()
        }),
        ..Default::default()
    };
    objectives(&suite, officer()).create_filing_window(over).await.unwrap();
    let submit = |name: &str| wire::SubmitObjectiveRequest { name: name.to_owned(), ..Default::default() };
    let draft = listed.iter().find(|one| one.display_name == "项目p-602002-1").unwrap();
    let late = unit.submit_objective(submit(&draft.name)).await;
    expect_refusal(late, Code::FailedPrecondition, "FILING_WINDOW_CLOSED");
    let annual = unit.list_objectives(list(wire::FilingKind::Annual)).await.unwrap().into_inner().objectives;
    unit.submit_objective(submit(&annual[0].name)).await.unwrap();
}
