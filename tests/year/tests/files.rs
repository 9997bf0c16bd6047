//! The files of Haicang's year, as this crate reads them.

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use wenxiao_year::data::{Data, forms};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/haicang-2020")
}

#[test]
fn every_file_is_read_to_the_fen() {
    let data = Data::read(&folder()).unwrap();
    assert_eq!(data.figures.len(), 44);
    let of_year = |year: i32| data.objectives.iter().filter(move |row| row.year == year);
    assert_eq!(of_year(2020).count(), 282 + 37);
    let objectives_2019: Decimal = of_year(2019).map(|row| row.total).sum();
    assert_eq!(objectives_2019, "5986637482.19".parse().unwrap());
    let weights = |row: &wenxiao_year::data::rows::ObjectiveRow| {
        data.indicators_of(row.year, &row.project)
            .unwrap()
            .iter()
            .map(|indicator| indicator.weight)
            .sum::<Decimal>()
    };
    assert!(data.objectives.iter().all(|row| weights(row) == Decimal::from(90)));
}

#[test]
fn forms_say_what_the_tables_say() {
    let mut tables = Data::read(&folder()).unwrap();
    let filed: Vec<_> = std::fs::read_dir(folder().join("forms")).unwrap().collect();
    assert!(filed.len() >= 8);
    for file in filed {
        let form = forms::read(&file.unwrap().path()).unwrap();
        let row = tables
            .objectives
            .iter_mut()
            .find(|row| row.year == form.year && row.project == form.project)
            .unwrap();
        let before = row.clone();
        form.head.apply(row);
        assert_eq!(
            (row.total, row.life_total, &row.annual_goal),
            (before.total, before.life_total, &before.annual_goal)
        );
    }
}
