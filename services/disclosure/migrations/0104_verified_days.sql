-- Whether working days were checked against the official notice (是否核对原文).
alter table disclosure.work_calendars add column verified boolean not null default false;
