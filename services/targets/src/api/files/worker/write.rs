//! The second phase: what was checked becomes drafts, many at a time.

use std::collections::{BTreeMap, HashMap};

use wenxiao_kernel::{FiscalYear, Secrecy};
use wenxiao_platform::operations::{Batch, Step};
use wenxiao_platform::work::Change;
use wenxiao_platform::{Failure, Result};

use super::super::subject_kind;
use super::{Import, is_open, state_text};
use crate::api::objective_commands::year_of;
use crate::api::objective_wire;
use crate::domain::action::Actor;
use crate::domain::objective::{self, NewObjective, Objective, Owner, Subject};
use crate::domain::sheet::{self, Fault};
use crate::domain::workflow::{Command, Refusal};
use crate::names;
use crate::store;
use crate::store::import::Staged;

/// Forms that are written in one step.
const WRITTEN: i64 = 200;

impl Import {
    /// Writes some of the forms that were checked.
    pub(super) async fn write(mut self) -> Result<Step> {
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
        let owners = store::owner::held(batch.connection(), district, kind, &subjects).await?;
        let forms = self.still_own(forms, &owners);
        let standing =
            store::import::standing(batch.connection(), district, self.filing(), &subjects).await?;
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

    /// The forms whose subjects have not passed to a unit since they were checked that the starter may not file for.
    fn still_own(&mut self, mut forms: Vec<Staged>, owners: &HashMap<String, Owner>) -> Vec<Staged> {
        forms.retain_mut(|form| {
            let known = std::mem::take(&mut form.facts.owner);
            form.facts.owner = known.or_newer(owners.get(&form.subject_id));
            let own = form.facts.owner.unit.code.starts_with(&self.turn.unit);
            if !own {
                let text = format!("“{}”已由其他单位承接，本表没有导入", form.facts.display_name);
                self.progress.error(&form.file_name, &form.sheet, Fault::of_sheet(text));
            }
            own
        });
        forms
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
            filing_kind: self.filing_kind,
            display_name: facts.display_name,
            owner: facts.owner,
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
