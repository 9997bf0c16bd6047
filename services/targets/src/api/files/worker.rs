//! What an import does step by step: first all forms are read and checked, then they are written.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use prost::Message;
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::import_objectives_metadata::Phase;
use wenxiao_kernel::{FiscalYear, Secrecy};
use wenxiao_platform::convert::timestamp;
use wenxiao_platform::operations::{Batch, Step, Turn, Worker};
use wenxiao_platform::work::Change;
use wenxiao_platform::{Database, Failure, Result};

use super::source::{self, Found, Part, Position, Upload};
use super::{ERRORS, FORMS, layout_of, subject_kind};
use crate::api::objective_commands::year_of;
use crate::api::objective_wire;
use crate::domain::action::Actor;
use crate::domain::objective::{self, FilingKind, NewObjective, Objective, State, Subject};
use crate::domain::rules::FormRules;
use crate::domain::sheet::{self, Asked, Fault, Filed, Layout};
use crate::domain::workflow::{Command, Refusal};
use crate::names;
use crate::registry::{Registry, SubjectFacts};
use crate::store;
use crate::store::import::{Staged, Standing};

/// Kind of the operation.
pub const KIND: &str = "import_objectives";
/// Forms that are read in one step.
const READ: usize = 100;
/// Forms that are written in one step.
const WRITTEN: i64 = 200;

/// Where an import stands between two steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    writing: bool,
    position: Position,
    /// Forms read.
    read: i32,
    /// Number of the form written last.
    written: i32,
    created: i32,
    updated: i32,
    unchanged: i32,
    errors: Vec<Error>,
    truncated: bool,
}

/// What a clerk must correct, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Error {
    file: String,
    sheet: String,
    cell: String,
    text: String,
}

impl Progress {
    fn error(&mut self, file: &str, sheet: &str, fault: Fault) {
        if self.errors.len() >= ERRORS {
            self.truncated = true;
            return;
        }
        let (file, sheet) = (file.to_owned(), sheet.to_owned());
        self.errors.push(Error { file, sheet, cell: fault.cell, text: fault.text });
    }

    fn response(&self) -> wire::ImportObjectivesResponse {
        let error = |error: &Error| wire::CellError {
            file_name: error.file.clone(),
            sheet: error.sheet.clone(),
            cell: error.cell.clone(),
            text: error.text.clone(),
        };
        wire::ImportObjectivesResponse {
            objective_count: self.created.saturating_add(self.updated),
            errors: self.errors.iter().map(error).collect(),
            created_count: self.created,
            updated_count: self.updated,
            unchanged_count: self.unchanged,
            errors_truncated: self.truncated,
        }
    }
}

/// The worker of imports.
pub fn worker(database: Database, registry: Registry) -> Worker {
    Worker::new(KIND, move |turn| {
        let (database, registry) = (database.clone(), registry.clone());
        async move { Import::new(database, registry, turn)?.step().await }
    })
}

/// One step of one import.
struct Import {
    database: Database,
    registry: Registry,
    turn: Turn,
    options: wire::ImportObjectivesRequest,
    layout: Layout,
    progress: Progress,
}

impl Import {
    fn new(database: Database, registry: Registry, turn: Turn) -> Result<Self> {
        let options =
            wire::ImportObjectivesRequest::decode(turn.request.as_slice()).map_err(Failure::internal)?;
        let progress = match turn.cursor.is_empty() {
            true => Progress::default(),
            false => serde_json::from_slice(&turn.cursor).map_err(Failure::internal)?,
        };
        let layout = layout_of(options.layout());
        Ok(Self { database, registry, turn, options, layout, progress })
    }

    async fn step(self) -> Result<Step> {
        if self.progress.writing {
            return self.write().await;
        }
        if self.turn.cancel_requested {
            return self.cancel().await;
        }
        self.check().await
    }

    fn metadata(&self, phase: Phase) -> wire::ImportObjectivesMetadata {
        let Progress { read, created, updated, unchanged, errors, .. } = &self.progress;
        wire::ImportObjectivesMetadata {
            read_count: *read,
            total_count: *read,
            phase: phase.into(),
            written_count: created.saturating_add(*updated).saturating_add(*unchanged),
            error_count: i32::try_from(errors.len()).unwrap_or(i32::MAX),
            file_name: self.options.file_name.clone(),
            start_time: Some(timestamp(self.turn.create_time)),
        }
    }

    async fn go_on(self, batch: Batch) -> Result<Step> {
        let phase = if self.progress.writing { Phase::Writing } else { Phase::Checking };
        let cursor = serde_json::to_vec(&self.progress).map_err(Failure::internal)?;
        batch.go_on(&cursor, &self.metadata(phase)).await
    }

    async fn end(self, mut batch: Batch) -> Result<Step> {
        store::import::forget(batch.connection(), self.turn.district, &self.turn.id).await?;
        batch.end(&self.metadata(Phase::Ended), &self.progress.response()).await
    }

    async fn cancel(self) -> Result<Step> {
        let mut batch = self.turn.batch().await?;
        store::import::forget(batch.connection(), self.turn.district, &self.turn.id).await?;
        batch.cancel(&self.metadata(Phase::Ended)).await
    }

    /// Reads and checks some forms, and keeps those that are right for the time when all are.
    async fn check(mut self) -> Result<Step> {
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
        let (district, year, kind) =
            (self.turn.district, self.options.fiscal_year, subject_kind(self.layout));
        let mut read = self.database.read_district(district).await?;
        let found = store::import::standing(read.connection(), district, year, kind, subjects).await?;
        Ok(found.into_iter().map(|one| (one.subject_id.clone(), one)).collect())
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
        let known = facts.get(&filed.subject).filter(|facts| facts.unit.code.starts_with(&self.turn.unit));
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

    /// Writes some of the forms that were checked.
    async fn write(mut self) -> Result<Step> {
        let mut batch = self.turn.batch().await?;
        let (district, id, after) = (self.turn.district, self.turn.id.clone(), self.progress.written);
        let forms = store::import::staged(batch.connection(), district, &id, after, WRITTEN).await?;
        let Some(last) = forms.last().map(|form| form.number) else { return self.end(batch).await };
        self.save(&mut batch, forms).await?;
        self.progress.written = last;
        self.go_on(batch).await
    }

    async fn save(&mut self, batch: &mut Batch, forms: Vec<Staged>) -> Result<()> {
        let (district, kind) = (self.turn.district, subject_kind(self.layout));
        let subjects: Vec<String> = forms.iter().map(|form| form.subject_id.clone()).collect();
        let year = self.options.fiscal_year;
        let standing = store::import::standing(batch.connection(), district, year, kind, &subjects).await?;
        let ids: Vec<String> = standing.iter().map(|one| one.id.clone()).collect();
        let locked = store::objective::lock(batch.connection(), district, &ids).await?;
        let mut before: BTreeMap<String, Objective> =
            locked.into_iter().map(|objective| (objective.subject.parts().1.to_owned(), objective)).collect();
        let (mut new, mut edited) = (Vec::new(), Vec::new());
        for form in forms {
            match before.remove(&form.subject_id) {
                None => new.push(self.draft(batch, form)?),
                Some(before) => edited.extend(self.edit(batch, before, form)),
            }
        }
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        if store::import::insert_many(batch.connection(), district, &new).await? != new.len() as u64
            || store::import::update_many(batch.connection(), district, &edited).await? != edited.len() as u64
        {
            return Err(Failure::unavailable("somebody files one of these forms at this moment: try again"));
        }
        self.progress.created = self.progress.created.saturating_add(count(new.len()));
        self.progress.updated = self.progress.updated.saturating_add(count(edited.len()));
        for objective in &new {
            let name = names::objective(district, &objective.id);
            let answer = objective_wire::objective(district, objective);
            batch.record(Change::new("objective.created", name, objective.version, &answer));
        }
        Ok(())
    }

    fn draft(&self, batch: &Batch, form: Staged) -> Result<Objective> {
        let (now, facts) = (batch.now, form.facts.0);
        let fiscal_year = FiscalYear::try_from(self.options.fiscal_year).map_err(Failure::internal)?;
        let subject = Subject::of(&form.subject_kind, form.subject_id);
        let filed = NewObjective {
            id: batch.new_id(),
            subject: subject.ok_or_else(|| Failure::internal("import_forms.subject_kind"))?,
            fiscal_year,
            work_year: year_of(now).unwrap_or(fiscal_year),
            filing_kind: FilingKind::Annual,
            display_name: facts.display_name,
            unit: facts.unit,
            department: facts.department,
            account: facts.account,
            secrecy: objective::secrecy(Secrecy::None, facts.secrecy),
            form: sheet::with_identifiers(form.form.0, None),
        };
        Ok(Objective::draft(filed, now))
    }

    /// The objective after its form was edited; `None` when nothing changes, or it may not be edited any more.
    fn edit(&mut self, batch: &mut Batch, before: Objective, staged: Staged) -> Option<Objective> {
        let form = sheet::with_identifiers(staged.form.0, Some(&before.form));
        if form == before.form && is_open(before.state) {
            self.progress.unchanged = self.progress.unchanged.saturating_add(1);
            return None;
        }
        let actor = Actor { subject: self.turn.starter().to_owned(), ..Actor::default() };
        let subject_secrecy = staged.facts.secrecy;
        let command = Command::Edit { form: Some(Box::new(form)), secrecy: None, subject_secrecy };
        let change = match before.apply(command, &actor, batch.now) {
            Ok(change) => change,
            Err(refusal) => {
                let text = match refusal {
                    Refusal::Locked(changes) => locked_text(&before.display_name, changes.len()),
                    Refusal::State(state) => state_text(&before.display_name, state),
                    _ => state_text(&before.display_name, before.state),
                };
                self.progress.error(&staged.file_name, &staged.sheet, Fault::of_sheet(text));
                return None;
            }
        };
        let district = self.turn.district;
        let after = objective_wire::objective(district, &change.objective);
        let name = names::objective(district, &before.id);
        let noted = Change::new(change.event, name, change.objective.version, &after);
        batch.record(noted.from(&objective_wire::objective(district, &before)));
        Some(change.objective)
    }
}

/// A returned form takes only what the return unlocked, from a file as from a screen.
fn locked_text(title: &str, places: usize) -> String {
    format!("“{title}”已退回修改，文件中有{places}处改动超出了退回时解锁的范围")
}

/// Whether a form may be edited where it stands.
fn is_open(state: State) -> bool {
    matches!(state, State::Draft | State::Returned)
}

fn state_text(title: &str, state: State) -> String {
    format!("“{title}”的绩效目标处于“{}”状态，不能再修改，本表没有导入", state.chinese())
}
