//! Filing windows (申报期) and how far the units are with them.

use chrono::NaiveDate;
use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{DistrictCode, day_in_china, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields, enum_name};
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::form;
use crate::domain::objective::FilingKind;
use crate::domain::window::{Extension, USUAL_OVERDUE_REMINDER_DAYS, Window};
use crate::store::window::{Progress, Units};
use crate::{names, store};

/// What an update may change.
const UPDATABLE: [&str; 6] =
    ["open_date", "due_date", "department_due_date", "reminder_days", "overdue_reminder_days", "extensions"];

/// One window.
pub async fn get(
    database: &Database,
    call: Call<wire::GetFilingWindowRequest>,
) -> Result<tonic::Response<wire::FilingWindow>> {
    let district = call.district()?;
    let [_, id] = name::segments(&call.message.name, names::WINDOW)?;
    let permit = call.permit(Facts::of(&call.message.name))?;
    let mut read = database.read(&call).await?;
    let window = store::window::load(read.connection(), district, id).await?;
    let window = window.ok_or_else(|| Failure::not_found(&call.message.name))?;
    Ok(permit.answer(write(district, &window)))
}

/// Windows of a district.
pub async fn list(
    database: &Database,
    call: Call<wire::ListFilingWindowsRequest>,
) -> Result<tonic::Response<wire::ListFilingWindowsResponse>> {
    let (district, ask) = (call.district()?, &call.message);
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.fiscal_year])?;
    let mut read = database.read(&call).await?;
    let rows = store::window::list(read.connection(), district, ask.fiscal_year, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.id.clone()]);
    let filing_windows = rows.iter().map(|row| write(district, row)).collect();
    Ok(permit.answer(wire::ListFilingWindowsResponse { filing_windows, next_page_token }))
}

/// Opens a window.
pub async fn create(mut work: Work<wire::CreateFilingWindowRequest>) -> Result<Finished<wire::FilingWindow>> {
    let district = work.district;
    let given = work.call.message.filing_window.clone().unwrap_or_default();
    let id = match work.call.message.filing_window_id.as_str() {
        "" => work.new_id(),
        id => id.to_owned(),
    };
    let name = names::in_district(district, "filingWindows", &id);
    let permit = work.permit(Facts::of(&name))?;
    let mut fields = Fields::default();
    let kind = form::member::<FilingKind>(given.filing_kind().as_str_name(), "FILING_KIND_");
    let window = Window {
        id,
        fiscal_year: fields.year("filing_window.fiscal_year", given.fiscal_year),
        filing_kind: kind.unwrap_or(FilingKind::Annual),
        version: 1,
        ..read(&mut fields, district, &given, (work.now, work.now))
    };
    check(fields, &window)?;
    let saved = store::window::save(work.connection(), district, None, &window).await;
    if !saved.map_err(exists)? {
        return Err(Failure::already_exists(name));
    }
    let answer = write(district, &window);
    work.record(Change::new("filing_window.opened", name, 1, &answer));
    work.finish(permit, answer).await
}

fn exists(failure: Failure) -> Failure {
    match failure.code() {
        tonic::Code::AlreadyExists => Failure::already_exists("the filing window of this year and kind"),
        _ => failure,
    }
}

/// Changes days, reminders and extensions. What was late may come to be in time: a person decided so.
pub async fn update(mut work: Work<wire::UpdateFilingWindowRequest>) -> Result<Finished<wire::FilingWindow>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.filing_window.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &UPDATABLE)?;
    let district = work.district;
    let [_, id] = name::segments(&given.name, names::WINDOW)?;
    let permit = work.permit(Facts::of(&given.name))?;
    let before = store::window::load(work.connection(), district, id).await?;
    let before = before.ok_or_else(|| Failure::not_found(&given.name))?;
    work.check_etag(&given.name, &before.version.to_string())?;
    let asked = edits::patched(&write(district, &before), &given, mask.as_ref(), &UPDATABLE);
    let mut fields = Fields::default();
    let after = Window {
        id: before.id.clone(),
        fiscal_year: before.fiscal_year,
        filing_kind: before.filing_kind,
        version: before.version.saturating_add(1),
        ..read(&mut fields, district, &asked, (before.create_time, work.now))
    };
    check(fields, &after)?;
    if !store::window::save(work.connection(), district, Some(before.version), &after).await? {
        return Err(Failure::etag_mismatch(&given.name));
    }
    let answer = write(district, &after);
    let noted = Change::new("filing_window.changed", &given.name, after.version, &answer);
    work.record(noted.from(&write(district, &before)));
    work.finish(permit, answer).await
}

/// The days of a window; who it is for stays to be filled in.
fn read(
    fields: &mut Fields,
    district: DistrictCode,
    given: &wire::FilingWindow,
    (create_time, update_time): (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>),
) -> Window {
    let mut extensions = Vec::with_capacity(given.extensions.len());
    for (place, extension) in given.extensions.iter().enumerate() {
        let field = |name: &str| format!("filing_window.extensions[{place}].{name}");
        let due_date = fields.date(&field("due_date"), extension.due_date.as_ref());
        match names::referred(district, &field("unit"), &extension.unit, names::UNIT) {
            Ok(unit) => extensions.push(Extension { unit, due_date, reason: extension.reason.clone() }),
            Err(_) => fields.reject(&field("unit"), "应为本区的单位名称", "must be a unit of this district"),
        }
    }
    let mut reminder_days = given.reminder_days.clone();
    reminder_days.sort_unstable_by_key(|days| std::cmp::Reverse(*days));
    reminder_days.dedup();
    Window {
        id: String::new(),
        fiscal_year: fields.year("filing_window.fiscal_year", given.fiscal_year),
        filing_kind: FilingKind::Annual,
        open_date: fields.date("filing_window.open_date", given.open_date.as_ref()),
        due_date: fields.date("filing_window.due_date", given.due_date.as_ref()),
        department_due_date: fields
            .optional_date("filing_window.department_due_date", given.department_due_date.as_ref()),
        reminder_days,
        overdue_reminder_days: given.overdue_reminder_days.unwrap_or(USUAL_OVERDUE_REMINDER_DAYS),
        extensions,
        inherited: Vec::new(),
        create_time,
        update_time,
        version: 0,
    }
}

/// Everything that is wrong: first what cannot be read, then what does not fit together.
fn check(fields: Fields, window: &Window) -> Result<()> {
    fields.check()?;
    let mut fields = Fields::default();
    for (field, chinese, english) in window.faults() {
        fields.reject(&format!("filing_window.{field}"), chinese, english);
    }
    fields.check()
}

/// A window as the contract has it.
pub fn write(district: DistrictCode, of: &Window) -> wire::FilingWindow {
    let kind = enum_name("FILING_KIND_", of.filing_kind.as_str());
    let extension = |of: &Extension| wire::FilingExtension {
        unit: names::in_district(district, "units", &of.unit),
        due_date: Some(convert::date(of.due_date)),
        reason: of.reason.clone(),
    };
    wire::FilingWindow {
        name: names::in_district(district, "filingWindows", &of.id),
        fiscal_year: of.fiscal_year.as_i32(),
        filing_kind: wire::FilingKind::from_str_name(&kind).unwrap_or_default().into(),
        open_date: Some(convert::date(of.open_date)),
        due_date: Some(convert::date(of.due_date)),
        department_due_date: of.department_due_date.map(convert::date),
        create_time: Some(convert::timestamp(of.create_time)),
        update_time: Some(convert::timestamp(of.update_time)),
        etag: of.version.to_string(),
        reminder_days: of.reminder_days.clone(),
        overdue_reminder_days: Some(of.overdue_reminder_days),
        extensions: of.extensions.iter().map(extension).collect(),
    }
}

/// How far the units are that the caller may see.
pub async fn progress(
    database: &Database,
    call: Call<wire::ListFilingProgressRequest>,
) -> Result<tonic::Response<wire::ListFilingProgressResponse>> {
    let (district, ask) = (call.district()?, &call.message);
    let [_, id] = name::segments(&ask.name, names::WINDOW)?;
    let permit = call.permit(Facts::of(&ask.name))?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.name, &ask.owing_only, &ask.overdue_only],
    )?;
    let mut read = database.read(&call).await?;
    let window = store::window::load(read.connection(), district, id).await?;
    let window = window.ok_or_else(|| Failure::not_found(&ask.name))?;
    let scope = call.scope();
    let today = day_in_china(database.clock().now());
    let units = Units {
        prefix: scope.unit_prefix.as_deref(),
        owing: ask.owing_only,
        overdue: ask.overdue_only,
        today,
    };
    let rows = store::window::progress(read.connection(), district, &window, units, Some(&page)).await?;
    let (rows, next_page_token) = page.cut(rows, |row| vec![row.unit.clone()]);
    let progress = rows.iter().map(|row| write_progress(district, &window, row, today)).collect();
    let as_of_date = Some(convert::date(today));
    Ok(permit.answer(wire::ListFilingProgressResponse { progress, next_page_token, as_of_date }))
}

fn write_progress(
    district: DistrictCode,
    window: &Window,
    of: &Progress,
    today: NaiveDate,
) -> wire::FilingProgress {
    wire::FilingProgress {
        unit: names::in_district(district, "units", &of.unit),
        budget_project_count: of.projects,
        missing_count: of.missing,
        draft_count: of.drafts,
        returned_count: of.returned,
        submitted_count: of.submitted,
        due_date: Some(convert::date(window.due_of(&of.unit))),
        overdue_days: window.overdue_days(&of.unit, of.owed(), today),
        overdue_returned_count: of.late_returned,
        department_review_count: of.with_department,
        department_overdue_days: window.department_overdue_days(of.with_department, today),
    }
}
