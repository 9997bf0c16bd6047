//! The district, its units, projects and policies.

use anyhow::{Context as _, Result, ensure};
use wenxiao_contract::wenxiao::common::v1::SecrecyLevel;
use wenxiao_contract::wenxiao::registry::v1::{
    CreateDistrictRequest, CreatePolicyRequest, District, ImportFile, ImportFormat, ImportProjectsRequest,
    ImportProjectsResponse, ImportResult, ImportUnitsRequest, ImportUnitsResponse, Policy,
};

use crate::clients::Office;
use crate::play::Play;
use crate::wire::{date, request_id};

/// Makes the district ready for work (开户).
pub async fn district(play: &Play) -> Result<()> {
    let district = District {
        name: play.district(),
        title: play.scene.title.clone(),
        city_title: play.scene.city.clone(),
        ..District::default()
    };
    let request_id = request_id("district.create", &play.scene.district);
    let request = CreateDistrictRequest { district: Some(district), request_id };
    let _: District = play.call(&Office::operations(), request).await?;
    Ok(())
}

/// Imports units and projects from the bureau's files, as they are.
pub async fn units_and_projects(play: &Play) -> Result<()> {
    let office = Office::performance();
    let request = ImportUnitsRequest {
        parent: play.district(),
        file: Some(file(play, "units.csv")?),
        validate_only: false,
        request_id: request_id("units.import", &play.scene.district),
    };
    let answer: ImportUnitsResponse = play.call(&office, request).await?;
    imported(play, "单位", answer.result)?;
    let request = ImportProjectsRequest {
        parent: play.district(),
        file: Some(file(play, "projects.csv")?),
        validate_only: false,
        request_id: request_id("projects.import", &play.scene.district),
    };
    let answer: ImportProjectsResponse = play.call(&office, request).await?;
    imported(play, "项目", answer.result)
}

fn file(play: &Play, name: &str) -> Result<ImportFile> {
    let path = play.data.folder.join(name);
    let content = std::fs::read(&path).with_context(|| path.display().to_string())?;
    Ok(csv(content))
}

/// A CSV file to import.
pub fn csv(content: Vec<u8>) -> ImportFile {
    ImportFile { format: ImportFormat::Csv.into(), content }
}

/// Fails with the first rows that an import refused.
pub fn imported(play: &Play, what: &str, result: Option<ImportResult>) -> Result<()> {
    let result = result.with_context(|| format!("{what}：the import answered nothing"))?;
    let refused: Vec<String> = result
        .row_errors
        .iter()
        .take(5)
        .map(|error| {
            format!("row {} {}: {} ({})", error.row_number, error.column, error.message, error.value)
        })
        .collect();
    ensure!(refused.is_empty() && result.written, "{what}导入未通过：{}", refused.join("; "));
    play.say(&format!("  {what}导入：{}行", result.row_count));
    Ok(())
}

/// Enters the policies with their terms (政策).
pub async fn policies(play: &Play) -> Result<()> {
    play.each("政策", &play.data.policies, |row| async move {
        let policy = Policy {
            title: row.title.clone(),
            document_title: row.title.clone(),
            start_date: row.start.and_then(date),
            expiry_date: date(row.expiry),
            term_years: row.term.unwrap_or_default(),
            executing_unit: play.unit(&row.unit),
            projects: row
                .projects
                .split(';')
                .filter(|code| !code.is_empty())
                .map(|code| play.project(code))
                .collect(),
            secrecy: SecrecyLevel::None.into(),
            ..Policy::default()
        };
        let request = CreatePolicyRequest {
            parent: play.district(),
            policy: Some(policy),
            policy_id: row.id.clone(),
            request_id: request_id("policy.create", &row.id),
        };
        let _: Policy = play.call(&Office::performance(), request).await?;
        Ok(())
    })
    .await
}
