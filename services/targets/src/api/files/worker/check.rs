//! The first phase: forms are read, looked up and kept for the time when all of them are right.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::types::Json;
use wenxiao_platform::operations::Step;
use wenxiao_platform::{Failure, Result};

use super::super::source::{self, Found, Part, Upload};
use super::super::{FORMS, subject_kind};
use super::{Import, is_open, state_text};
use crate::domain::rules::FormRules;
use crate::domain::sheet::{Asked, Fault, Filed, Layout};
use crate::names;
use crate::registry::SubjectFacts;
use crate::store;
use crate::store::import::{Filing, Staged, Standing};

/// Forms that are read in one step.
const READ: usize = 100;

impl Import {
    /// Reads and checks some forms, and keeps those that are right for the time when all are.
    pub(super) async fn check(mut self) -> Result<Step> {
        let Part { forms, rest } = match self.read().await? {
            Ok(part) => part,
            Err(fault) => {
                self.progress.error("", "", fault);
                Part { forms: Vec::new(), rest: None }
            }
        };
        let forms = self.known(forms).await?;
        let mut batch = self.turn.batch().await?;
        let twice =
            store::import::stage(batch.connection(), self.turn.district, &self.turn.id, &forms).await?;
        for form in forms.iter().filter(|form| twice.contains(&form.number)) {
            let text = format!("文件中有两张“{}”的表，只能保留一张", form.facts.display_name);
            self.progress.error(&form.file_name, &form.sheet, Fault::of_sheet(text));
        }
        if usize::try_from(self.progress.read).is_ok_and(|read| read > FORMS) {
            self.progress.error("", "", Fault::of_sheet(format!("文件中的表超过{FORMS}张，请分批导入")));
            self.progress.truncated = true;
        }
        if let Some(rest) = rest.filter(|_| !self.progress.truncated) {
            self.progress.position = rest;
            return self.go_on(batch).await;
        }
        if self.progress.read == 0 && self.progress.errors.is_empty() {
            let title = self.layout.title();
            self.progress.error("", "", Fault::of_sheet(format!("文件中没有“{title}”")));
        }
        if !self.progress.errors.is_empty() || self.options.validate_only {
            return self.end(batch).await;
        }
        self.progress.writing = true;
        self.go_on(batch).await
    }

    /// Some forms of the file, or why the file as a whole cannot be read.
    async fn read(&self) -> Result<std::result::Result<Part, Fault>> {
        let district = self.turn.district;
        let upload = Upload::open(self.database.clone(), district, self.turn.id.clone()).await?;
        let rules: Arc<FormRules> = self.registry.form_rules(district, self.options.fiscal_year).await?;
        let frames = format!("{}/indicatorFrames", names::district(district));
        let (layout, fiscal_year, position) = (self.layout, self.options.fiscal_year, self.progress.position);
        let read = tokio::task::spawn_blocking(move || {
            let asked = Asked { layout, fiscal_year, frame: &rules.frame, frames: &frames };
            source::read(upload, position, READ, &asked)
        });
        match read.await.map_err(Failure::internal)? {
            Ok(part) => Ok(Ok(part)),
            Err(fault) => match source::failure_of(&fault) {
                Some(failure) => Err(failure),
                None => {
                    let why = source::chinese(&fault);
                    Ok(Err(Fault::of_sheet(format!("文件无法读取，应为xlsx文件或其zip压缩包：{why}"))))
                }
            },
        }
    }

    /// The forms whose project or department the registry knows and whose objective may be changed; what is wrong with
    /// the others is noted.
    async fn known(&mut self, forms: Vec<Found>) -> Result<Vec<Staged>> {
        let district = self.turn.district;
        let ids: Vec<String> = forms
            .iter()
            .filter_map(|found| found.form.as_ref().ok().map(|filed| filed.subject.clone()))
            .collect();
        let facts = match self.layout {
            Layout::Project => self.registry.projects(district, &ids).await?,
            Layout::WholeDepartment => self.registry.departments(district, &ids).await?,
        };
        let standing = self.standing(&ids).await?;
        let mut staged = Vec::new();
        for found in forms {
            self.progress.read = self.progress.read.saturating_add(1);
            let Found { file_name, sheet, form } = found;
            let checked = form.and_then(|filed| self.check_one(filed, &facts, &standing));
            match checked {
                Ok((filed, facts)) => staged.push(Staged {
                    number: self.progress.read,
                    file_name,
                    sheet,
                    subject_kind: subject_kind(self.layout).to_owned(),
                    subject_id: filed.subject,
                    facts: Json(facts),
                    form: Json(filed.form),
                }),
                Err(faults) => {
                    for fault in faults {
                        self.progress.error(&file_name, &sheet, fault);
                    }
                }
            }
        }
        Ok(staged)
    }

    async fn standing(&self, subjects: &[String]) -> Result<HashMap<String, Standing>> {
        let district = self.turn.district;
        let mut read = self.database.read_district(district).await?;
        let found = store::import::standing(read.connection(), district, self.filing(), subjects).await?;
        Ok(found.into_iter().map(|one| (one.subject_id.clone(), one)).collect())
    }

    /// What all forms of the file are filed as.
    pub(super) fn filing(&self) -> Filing {
        let (fiscal_year, filing_kind) = (self.options.fiscal_year, self.filing_kind);
        Filing { fiscal_year, filing_kind, subject_kind: subject_kind(self.layout) }
    }

    /// Whether a form is of somebody's that the starter may file for, and may be written.
    fn check_one(
        &self,
        filed: Filed,
        facts: &HashMap<String, SubjectFacts>,
        standing: &HashMap<String, Standing>,
    ) -> std::result::Result<(Filed, SubjectFacts), Vec<Fault>> {
        let at = filed.subject_at;
        // Somebody else's project is told no better than one that does not exist.
        let known =
            facts.get(&filed.subject).filter(|facts| facts.owner.unit.code.starts_with(&self.turn.unit));
        let Some(known) = known else {
            let text = match self.layout {
                Layout::Project => format!("项目库中没有本单位的项目“{}”", filed.subject),
                Layout::WholeDepartment => {
                    format!("没有代码为“{}”的主管部门或街道，或不是本单位", filed.subject)
                }
            };
            return Err(vec![Fault::at(at, text)]);
        };
        let stands = standing.get(&filed.subject);
        let mut faults = Vec::new();
        let named = filed.title.is_empty()
            || filed.title == known.display_name.trim()
            || stands.is_some_and(|stands| filed.title == stands.display_name.trim());
        if !named {
            let text = format!("名称与代码不符：代码“{}”是“{}”", filed.subject, known.display_name);
            faults.push(Fault::at(filed.title_at, text));
        }
        if let Some(stands) = stands.filter(|stands| !is_open(stands.state)) {
            faults.push(Fault::at(at, state_text(&known.display_name, stands.state)));
        }
        if faults.is_empty() { Ok((filed, known.clone())) } else { Err(faults) }
    }
}
