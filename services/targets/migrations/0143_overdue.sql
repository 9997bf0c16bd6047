-- For how many days after its last day a unit that still owes forms is reminded daily (逾期催报).
alter table targets.filing_windows
  add column overdue_reminder_days integer not null default 7 check (overdue_reminder_days between 0 and 60);
