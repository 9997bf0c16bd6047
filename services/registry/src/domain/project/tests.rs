use super::*;

pub fn project(code: &str, category: ProjectCategory) -> Project {
    Project {
        id: code.to_owned(),
        code: code.parse().ok(),
        title: "农村污水管网溯源排查".to_owned(),
        category,
        local_project_type: None,
        budget_account: BudgetAccount::GeneralPublic,
        nature: None,
        competent_department: "602".parse().unwrap_or_else(|_| unreachable!()),
        implementing_unit: "602001".parse().unwrap_or_else(|_| unreachable!()),
        setup_year: FiscalYear::try_from(2023).unwrap_or_else(|_| unreachable!()),
        secrecy: Some(Secrecy::None),
        end_date: None,
        details: ProjectDetails::default(),
    }
}

#[test]
fn a_code_tells_year_and_category() {
    let code: ProjectCode = "51092324T000010263357".parse().unwrap_or_else(|_| unreachable!());
    assert_eq!(code.setup_year(), Some(2024));
    assert!(code.admits(ProjectCategory::SpecificPurpose) && !code.admits(ProjectCategory::Personnel));
    let pay: ProjectCode = "51000021R000000019951".parse().unwrap_or_else(|_| unreachable!());
    assert_eq!(pay.setup_year(), Some(2021));
    assert!(pay.admits(ProjectCategory::Personnel) && !pay.admits(ProjectCategory::OfficeOperating));
    for text in ["", "5109232400001026335712", "51092324t000010263357", "51092324T00001026335"] {
        assert!(text.parse::<ProjectCode>().is_err(), "{text}");
    }
}

#[test]
fn code_year_category_and_type_must_agree() {
    let good = project("51092323T000010263357", ProjectCategory::SpecificPurpose);
    assert_eq!(good.check(None), Ok(()));
    let wrong = project("51092324R000010263357", ProjectCategory::SpecificPurpose);
    let Err(Refusal::Invalid(found)) = wrong.check(None) else { unreachable!() };
    assert_eq!(found.iter().map(|v| v.field.as_str()).collect::<Vec<_>>(), ["setup_year", "category"]);
    let mut typed = good;
    typed.local_project_type = Some("capital".to_owned());
    assert!(matches!(typed.check(None), Err(Refusal::Missing(_))));
    let old = LocalProjectType {
        id: "capital".to_owned(),
        title: "基建项目".to_owned(),
        capital_works: true,
        first_setup_year: None,
        last_setup_year: FiscalYear::try_from(2020).ok(),
    };
    assert!(typed.check(Some(&old)).is_err(), "the type has ended");
}
