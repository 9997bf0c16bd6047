-- A return that has not been decided on again (退回), and a change that is proposed (目标调整).
alter table targets.objectives
  add column returned jsonb,
  add column adjustment jsonb;
-- What a reviewer returned and waits for.
create index objective_returner on targets.objectives (district, (returned ->> 'by'), id) where returned is not null;

-- When forms of a year and kind may be filed (申报期).
create table targets.filing_windows (
  district            integer     not null,
  id                  text        not null,
  fiscal_year         integer     not null,
  filing_kind         text        not null check (filing_kind in ('annual', 'mid_year')),
  open_date           date        not null,
  due_date            date        not null check (due_date >= open_date),
  department_due_date date,
  reminder_days       integer[]   not null,
  extensions          jsonb       not null,
  create_time         timestamptz not null,
  update_time         timestamptz not null,
  version             bigint      not null check (version > 0),
  primary key (district, id),
  constraint filing_window_year unique (district, fiscal_year, filing_kind)
);
select targets.protect('targets.filing_windows');

-- Which units were reminded on which day (催报): once a day, whatever restarts.
create table targets.filing_reminders (
  district  integer not null,
  window_id text    not null,
  day       date    not null,
  unit_id   text    not null,
  primary key (district, window_id, day, unit_id),
  foreign key (district, window_id) references targets.filing_windows (district, id)
);
select targets.protect('targets.filing_reminders');

-- Projects with the unit that files for them, of the registry's events: what a unit still owes.
create table targets.projects (
  district integer not null,
  id       text    not null,
  unit_id  text    not null,
  open     boolean not null,
  primary key (district, id)
);
create index project_unit on targets.projects (district, unit_id, id);
select targets.protect('targets.projects');
