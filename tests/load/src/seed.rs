//! Fills the database by the public API: the district, its units, projects and budgets by import, and a form for each
//! project as its unit files it.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use wenxiao_contract::wenxiao::registry::v1::{
    CreateDistrictRequest, District, ImportBudgetEntriesRequest, ImportBudgetEntriesResponse, ImportFile,
    ImportFormat, ImportProjectsRequest, ImportProjectsResponse, ImportResult, ImportUnitsRequest,
    ImportUnitsResponse,
};
use wenxiao_contract::wenxiao::targets::v1::{CreateObjectiveRequest, Objective, objective::Subject};
use wenxiao_platform::identity::Role;

use crate::bench::{Bench, ask, encoded};
use crate::data;
use crate::drive::{Figures, Until, round};
use crate::report::Report;
use crate::suite::DISTRICT;

/// Rows of one imported file.
const ROWS: usize = 5000;

/// Fills an empty database.
pub async fn everything(bench: &Bench, report: &Report) -> Result<()> {
    let begin = Instant::now();
    report.heading(&format!(
        "Data: {} projects with budgets and objectives in one district",
        bench.data.projects
    ));
    registry(bench).await?;
    report.remark(&format!("units, projects, budgets imported after {:.1} s", begin.elapsed().as_secs_f64()));
    let created = objectives(bench).await?;
    report.remark(&format!("objectives created one by one, {:.0}/s", created.per_second));
    bench.settle().await?;
    report.remark(&format!("all of it known to every service after {:.1} s", begin.elapsed().as_secs_f64()));
    Ok(())
}

/// The district with its units, projects and budgets.
pub async fn registry(bench: &Bench) -> Result<()> {
    let parent = format!("districts/{DISTRICT}");
    let district = District {
        name: parent.clone(),
        title: "海沧区".to_owned(),
        city_title: "厦门市".to_owned(),
        ..District::default()
    };
    let operations = bench.program.authorization(Role::Ops, None)?;
    let caller = bench.caller(Role::FinancePerformanceOfficer).await?;
    let officer = bench.program.authorization(Role::FinancePerformanceOfficer, None)?;
    let request = CreateDistrictRequest { district: Some(district), request_id: String::new() };
    let path = "/wenxiao.registry.v1.UnitService/CreateDistrict";
    let _: District = ask(&caller, path, &request, &operations).await?;
    let request = ImportUnitsRequest {
        parent: parent.clone(),
        file: Some(csv(bench.data.units_file.clone())),
        ..ImportUnitsRequest::default()
    };
    let path = "/wenxiao.registry.v1.UnitService/ImportUnits";
    let answer: ImportUnitsResponse = ask(&caller, path, &request, &officer).await?;
    written(answer.result)?;
    for first in (0..bench.data.projects).step_by(ROWS) {
        let part = first..(first + ROWS).min(bench.data.projects);
        let request = ImportProjectsRequest {
            parent: parent.clone(),
            file: Some(csv(bench.data.projects_file(part.clone()))),
            ..ImportProjectsRequest::default()
        };
        let path = "/wenxiao.registry.v1.ProjectService/ImportProjects";
        let answer: ImportProjectsResponse = ask(&caller, path, &request, &officer).await?;
        written(answer.result)?;
        let request = ImportBudgetEntriesRequest {
            parent: parent.clone(),
            file: Some(csv(bench.data.budgets_file(part))),
            ..ImportBudgetEntriesRequest::default()
        };
        let path = "/wenxiao.registry.v1.ProjectService/ImportBudgetEntries";
        let answer: ImportBudgetEntriesResponse = ask(&caller, path, &request, &officer).await?;
        written(answer.result)?;
    }
    Ok(())
}

fn csv(content: Vec<u8>) -> ImportFile {
    ImportFile { format: ImportFormat::Csv.into(), content }
}

fn written(result: Option<ImportResult>) -> Result<()> {
    let result = result.context("an import answered nothing")?;
    ensure!(result.written, "an import was refused: {:?}", result.row_errors.first());
    Ok(())
}

async fn objectives(bench: &Bench) -> Result<Figures> {
    let caller = bench.caller(Role::FinancePerformanceOfficer).await?;
    let filers = bench.filers()?;
    let units = bench.data.units.clone();
    let calls = u64::try_from(bench.data.projects)?;
    round(Until::Calls(calls), 1, move |worker, turn, _| {
        let (caller, filers, units) = (caller.clone(), filers.clone(), units.clone());
        async move {
            let number = usize::try_from(turn)?;
            let request = CreateObjectiveRequest {
                parent: format!("districts/{DISTRICT}"),
                objective: Some(Objective {
                    subject: Some(Subject::Project(data::project(number))),
                    fiscal_year: data::YEAR,
                    work_year: data::YEAR,
                    content: Some(data::form(number)),
                    ..Objective::default()
                }),
                objective_id: data::objective_id(&data::code(number)),
                ..CreateObjectiveRequest::default()
            };
            let filer = units.get(number % units.len()).and_then(|unit| filers.get(unit));
            let path = "/wenxiao.targets.v1.ObjectiveService/CreateObjective";
            caller.call_as(worker, path, encoded(&request), filer).await.map(drop)
        }
    })
    .await
}
