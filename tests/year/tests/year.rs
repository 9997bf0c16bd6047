//! Haicang's year 2020, played on a real suite over the network.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod common;

use std::path::Path;
use std::time::Duration;

use common::{Suite, different, figures_of, files};
use wenxiao_year::steps;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_figure_is_as_published() {
    let folder = common::folder();
    let suite = Suite::start(&folder.path().join("data"));
    let figures = figures_of(&suite.play(&files())).await;
    assert_eq!(figures.len(), 44);
    assert_eq!(different(&figures), Vec::<&str>::new(), "{}", wenxiao_year::figures::table(&figures));
}

/// A payment, a budget and a score are changed: exactly the figures that rest on them differ.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_depends_on_a_change_differs() {
    let folder = common::folder();
    let changed = folder.path().join("files");
    copy(&files(), &changed);
    // A million more was paid for sorting waste in the second half of 2020.
    change(&changed, "payments-2020.csv", |row| {
        let paid = row.get(4) == Some("35020516T000000000002") && row.get(2) > Some("2020-07");
        paid.then(|| (5, add(&row[5], 1_000_000)))
    });
    // The repair budget of 2019 was 270 and not 260 (万元); the rate of execution falls with it.
    change(&changed, "budgets.csv", |row| {
        let repair =
            row.get(0) == Some("35020516Y000000000010") && &row[1] == "2019" && &row[3] == "年初预算";
        repair.then(|| (4, add(&row[4], 100_000)))
    });
    // The weakest of the bureau's eight evaluations gets a point less, and with it another grade.
    let weakest = weakest_of_the_bureau(&changed);
    change(&changed, "keyevaluation-scores.csv", |row| {
        (row[0] == weakest && &row[3] == "实施效益").then(|| (5, add(&row[5], -1)))
    });
    let suite = Suite::start(&folder.path().join("data"));
    let figures = figures_of(&suite.play(&changed)).await;
    let mut keys = different(&figures);
    keys.sort_unstable();
    let table = wenxiao_year::figures::table(&figures);
    let expected = [
        "keyeval_finance_min_grade",
        "office_2019_execution_rate",
        "office_2019_initial_budget",
        "waste_2020_actual",
    ];
    assert_eq!(keys, expected, "{table}");
}

/// The power fails in the middle of the year. Started again, played on with the same request ids, it ends in the same
/// figures, and its audit trail is unbroken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_survives_a_power_cut() {
    let folder = common::folder();
    let data = folder.path().join("data");
    let suite = Suite::start(&data);
    let play = suite.play(&files());
    let cut = async {
        while play.answered() < 4_000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        suite.cut();
    };
    let (interrupted, ()) = tokio::join!(steps::play(&play), cut);
    assert!(interrupted.is_err(), "the year was over before the cut");
    let suite = Suite::start(&data);
    let figures = figures_of(&suite.play(&files())).await;
    assert_eq!(different(&figures), Vec::<&str>::new(), "{}", wenxiao_year::figures::table(&figures));
    assert!(suite.audit(), "the audit trail is broken");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Changes one cell of the first row that `wanted` gives a column and a new value for.
fn change(folder: &Path, file: &str, wanted: impl Fn(&csv::StringRecord) -> Option<(usize, String)>) {
    let path = folder.join(file);
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let heading = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(&heading).unwrap();
    let mut done = false;
    for row in rows {
        match wanted(&row).filter(|_| !done) {
            Some((column, value)) => {
                done = true;
                let cells =
                    row.iter().enumerate().map(|(place, cell)| if place == column { &value } else { cell });
                writer.write_record(cells).unwrap();
            }
            None => writer.write_record(&row).unwrap(),
        }
    }
    writer.flush().unwrap();
    assert!(done, "{file} has no such row");
}

fn add(amount: &str, more: i64) -> String {
    (amount.parse::<rust_decimal::Decimal>().unwrap() + rust_decimal::Decimal::from(more)).to_string()
}

fn weakest_of_the_bureau(folder: &Path) -> String {
    let data = wenxiao_year::data::Data::read(folder).unwrap();
    let total = |id: &String| data.key_scores[id].iter().map(|row| row.score).sum::<rust_decimal::Decimal>();
    let led = data.key_evaluations.iter().filter(|row| row.kind == "财政评价").map(|row| row.id.clone());
    led.min_by_key(total).unwrap()
}
