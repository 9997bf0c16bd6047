-- What this service keeps of other services' events: as much as the summary's figures and the published documents need.
-- Keys are the resources' full names; years and states are typed columns, so that each figure is one query.

-- registry

create table disclosure.districts (
  district integer not null,
  name     text    not null,
  title    text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.districts');

create table disclosure.units (
  district   integer not null,
  name       text    not null,
  title      text    not null,
  kind       text    not null check (kind in ('department', 'unit', 'own_unit', 'subdistrict_office', 'affiliated', '')),
  -- The body that is counted: a department for its own unit (本级), else the unit itself.
  counted_as text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.units');

create table disclosure.projects (
  district integer not null,
  name     text    not null,
  title    text    not null,
  unit     text    not null,
  account  text    not null,
  secrecy  text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.projects');

create table disclosure.budget_entries (
  district    integer        not null,
  name        text           not null,
  project     text           not null,
  fiscal_year integer        not null,
  account     text           not null,
  kind        text           not null check (kind in ('initial', 'supplement', 'reduction', 'carry_over', 'virement')),
  amount      numeric(20, 2) not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.budget_entries');
create index budget_entries_of_project on disclosure.budget_entries (district, project, fiscal_year);
create index budget_entries_of_year on disclosure.budget_entries (district, fiscal_year, account);

create table disclosure.policies (
  district       integer not null,
  name           text    not null,
  title          text    not null,
  executing_unit text    not null,
  expiry_date    date,
  term_years     integer not null,
  secrecy        text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.policies');

create table disclosure.work_plans (
  district        integer not null,
  name            text    not null,
  kind            text    not null check (kind in ('annual', 'rollout', '')),
  state           text    not null,
  work_year       integer not null,
  document_title  text    not null,
  document_number text    not null,
  horizon_years   integer not null,
  target_date     date,
  primary key (district, name)
);
select disclosure.protect('disclosure.work_plans');

create table disclosure.trainings (
  district  integer not null,
  name      text    not null,
  work_year integer not null,
  state     text    not null,
  hold_date date,
  -- The trained groups, in the plan's words.
  audiences text[]  not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.trainings');
create index trainings_of_year on disclosure.trainings (district, work_year);

-- targets

create table disclosure.objectives (
  district     integer        not null,
  name         text           not null,
  subject_kind text           not null check (subject_kind in ('project', 'policy', 'whole_department', '')),
  subject      text           not null,
  fiscal_year  integer        not null,
  work_year    integer        not null,
  unit         text           not null,
  account      text           not null,
  secrecy      text           not null,
  -- Whether a version is in force: it stays in force while a change is proposed.
  ratified     boolean        not null,
  amount       numeric(20, 2),
  return_count integer        not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.objectives');
create index objectives_of_subject on disclosure.objectives (district, subject);
create index objectives_of_year on disclosure.objectives (district, fiscal_year) where ratified;

create table disclosure.review_sessions (
  district    integer not null,
  name        text    not null,
  fiscal_year integer not null,
  work_year   integer not null,
  institution text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.review_sessions');

-- monitoring

create table disclosure.monitoring_rounds (
  district    integer not null,
  name        text    not null,
  fiscal_year integer not null,
  work_year   integer not null,
  state       text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.monitoring_rounds');

create table disclosure.monitoring_reports (
  district    integer not null,
  name        text    not null,
  round       text    not null,
  object      text    not null,
  unit        text    not null,
  fiscal_year integer not null,
  account     text    not null,
  state       text    not null,
  institution text    not null,
  returned    boolean not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.monitoring_reports');
create index monitoring_reports_of_year on disclosure.monitoring_reports (district, fiscal_year, object);

create table disclosure.outturns (
  district    integer        not null,
  project     text           not null,
  fiscal_year integer        not null,
  executed    numeric(20, 2) not null,
  primary key (district, project, fiscal_year)
);
select disclosure.protect('disclosure.outturns');

-- evaluation

create table disclosure.ex_ante_evaluations (
  district      integer        not null,
  name          text           not null,
  work_year     integer        not null,
  object        text           not null,
  unit          text           not null,
  unit_title    text           not null,
  title         text           not null,
  requested     numeric(20, 2) not null,
  at_adjustment boolean        not null,
  concluded     boolean        not null,
  secrecy       text           not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.ex_ante_evaluations');
create index ex_ante_evaluations_of_year on disclosure.ex_ante_evaluations (district, work_year);

create table disclosure.self_evaluations (
  district       integer        not null,
  name           text           not null,
  objective      text           not null,
  object         text           not null,
  unit           text           not null,
  evaluated_year integer        not null,
  work_year      integer        not null,
  amount         numeric(20, 2),
  handed_in      boolean        not null,
  assisted       boolean        not null,
  grade          text           not null,
  secrecy        text           not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.self_evaluations');
create index self_evaluations_of_year on disclosure.self_evaluations (district, work_year);

create table disclosure.key_evaluations (
  district       integer        not null,
  name           text           not null,
  lead           text           not null check (lead in ('finance', 'department', '')),
  evaluated_year integer        not null,
  work_year      integer        not null,
  object         text           not null,
  unit           text           not null,
  amount         numeric(20, 2) not null,
  fixed          boolean        not null,
  grade          text           not null,
  institution    text           not null,
  -- Deputies and CPPCC members on the panel.
  deputies       text[]         not null,
  secrecy        text           not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.key_evaluations');
create index key_evaluations_of_year on disclosure.key_evaluations (district, work_year);

create table disclosure.findings (
  district   integer not null,
  name       text    not null,
  source     text    not null,
  work_year  integer not null,
  category   text    not null,
  problem    text    not null,
  suggestion text    not null,
  dismissed  boolean not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.findings');
create index findings_of_source on disclosure.findings (district, source);

create table disclosure.budget_decisions (
  district         integer        not null,
  name             text           not null,
  object_kind      text           not null,
  object           text           not null,
  unit             text           not null,
  unit_title       text           not null,
  title            text           not null,
  work_year        integer        not null,
  applies_to_year  integer        not null,
  requested        numeric(20, 2),
  requested_bound  text           not null,
  arranged         numeric(20, 2),
  arranged_bound   text           not null,
  reason           text           not null,
  sunset_review    text           not null,
  -- Figures of earlier years that the decision looked at: kind, year, amount, bound, rate.
  base_figures     jsonb          not null,
  secrecy          text           not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.budget_decisions');
create index budget_decisions_of_year on disclosure.budget_decisions (district, work_year);

create table disclosure.sunset_reviews (
  district        integer not null,
  name            text    not null,
  policy          text    not null,
  unit            text    not null,
  unit_title      text    not null,
  title           text    not null,
  expiry_date     date,
  term_years      integer not null,
  work_year       integer not null,
  applies_to_year integer not null,
  grade           text    not null,
  outcome         text    not null check (outcome in ('continue', 'continue_adjusted', 'terminate', '')),
  reason          text    not null,
  budget_decision text    not null,
  secrecy         text    not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.sunset_reviews');
create index sunset_reviews_of_year on disclosure.sunset_reviews (district, work_year);

-- What a decision or notice can be about, with what its documents would say: written and read whole.
create table disclosure.subjects (
  district       integer not null,
  name           text    not null,
  object         text    not null,
  title          text    not null,
  unit           text    not null,
  unit_title     text    not null,
  evaluated_year integer not null,
  secrecy        text    not null,
  is_final       boolean not null,
  state          text    not null,
  score          numeric(16, 6),
  grade          text    not null,
  content        jsonb   not null,
  primary key (district, name)
);
select disclosure.protect('disclosure.subjects');

-- Projects and policies that somebody has marked: in the registry, or on an objective of theirs. The highest mark holds
-- ('classified' sorts before 'internal').
create view disclosure.marked_objects with (security_invoker = true) as
select district, name, min(secrecy) as secrecy from (
  select district, name, secrecy from disclosure.projects where secrecy in ('internal', 'classified')
  union all
  select district, name, secrecy from disclosure.policies where secrecy in ('internal', 'classified')
  union all
  select district, subject, secrecy from disclosure.objectives where secrecy in ('internal', 'classified')) marks
group by district, name;
grant select on disclosure.marked_objects to wenxiao_disclosure, wenxiao_disclosure_across;
