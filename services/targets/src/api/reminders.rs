//! Reminders (催报): who is told today which forms they owe, or have to review. Told as events, for whoever sends messages.

use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::{DistrictCode, day_in_china};
use wenxiao_platform::Result;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert;
use wenxiao_platform::work::{Change, Finished, Work};

use crate::domain::window::{Owed, Told, Window};
use crate::store::window::Units;
use crate::{names, store};

/// Tells every unit whose day it is and that owes something, once a day.
pub async fn send(
    mut work: Work<wire::SendFilingRemindersRequest>,
) -> Result<Finished<wire::SendFilingRemindersResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let (district, today) = (work.district, day_in_china(work.now));
    let mut reminders = Vec::new();
    for window in store::window::reminding(work.connection(), district, today).await? {
        let owing = Units { prefix: None, owing: true, overdue: false, today };
        let units = store::window::progress(work.connection(), district, &window, owing, None).await?;
        let mut reviews = store::window::with_departments(work.connection(), district, &window).await?;
        let mut due: Vec<(String, Told)> = Vec::new();
        for of in units {
            let reviews = reviews.remove(&of.unit).unwrap_or_default();
            let owed = Owed { unit: &of.unit, forms: of.owed(), return_days: &of.return_days, reviews };
            due.extend(window.tells(owed, today).map(|told| (of.unit.clone(), told)));
        }
        for (department, reviews) in reviews {
            let owed = Owed { unit: &department, forms: 0, return_days: &[], reviews };
            due.extend(window.tells(owed, today).map(|told| (department.clone(), told)));
        }
        let ids: Vec<String> = due.iter().map(|(unit, _)| unit.clone()).collect();
        let new = store::window::note_reminders(work.connection(), district, &window.id, today, &ids).await?;
        for (unit, told) in due.iter().filter(|(unit, _)| new.contains(unit)) {
            let told = write(district, &window, unit, *told, today);
            work.record(Change::new("filing_window.reminded", &told.filing_window, window.version, &told));
            reminders.push(told);
        }
    }
    work.finish(permit, wire::SendFilingRemindersResponse { reminders }).await
}

fn write(
    district: DistrictCode,
    window: &Window,
    unit: &str,
    told: Told,
    today: chrono::NaiveDate,
) -> wire::FilingReminder {
    wire::FilingReminder {
        filing_window: names::in_district(district, "filingWindows", &window.id),
        unit: names::in_district(district, "units", unit),
        remind_date: Some(convert::date(today)),
        due_date: Some(convert::date(told.due_date)),
        days_left: i32::try_from(told.reminder.days_left()).unwrap_or_default(),
        owed_count: told.forms,
        returned_count: told.returned,
        return_due_date: told.return_due.map(convert::date),
        department_review_count: told.reviews,
    }
}
