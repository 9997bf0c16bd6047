-- Rounds, reports, alerts, measures, exceptions. `body` is the whole object as the domain has it; columns beside it
-- are what queries filter, sort and count by.

create table monitoring.rounds (
  district    integer not null,
  round_id    text    not null,
  fiscal_year integer not null,
  state       text    not null check (state in ('planned', 'open', 'closed')),
  rules       jsonb,            -- the rules in force when it was opened: its reports are judged by them for ever
  body        jsonb   not null,
  version     bigint  not null,
  primary key (district, round_id),
  check ((state = 'planned') = (rules is null))
);
create index rounds_year on monitoring.rounds (district, fiscal_year, round_id);
select protect('monitoring.rounds');

create table monitoring.reports (
  district       integer not null,
  round_id       text    not null,
  report_id      text    not null,
  kind           text    not null check (kind in ('project', 'policy', 'department')),
  fiscal_year    integer not null,
  state          text    not null check (state in ('draft', 'submitted', 'endorsed', 'returned', 'accepted')),
  light          text    check (light in ('red', 'yellow', 'green', 'blue')),
  unit_id        text    not null,
  agency_code    text    not null,
  department_id  text    not null,
  institution    text    not null,
  late           boolean not null,
  return_count   integer not null,
  revision_count integer not null,
  accept_time    timestamptz,
  body           jsonb   not null,
  version        bigint  not null,
  primary key (district, round_id, report_id),
  foreign key (district, round_id) references monitoring.rounds (district, round_id),
  check ((state = 'accepted') = (accept_time is not null))
);
create index reports_department on monitoring.reports (district, round_id, department_id, report_id);
create index reports_accepted on monitoring.reports (district, fiscal_year, report_id, accept_time)
  where state = 'accepted';
select protect('monitoring.reports');

-- Every submission of a report, immutable but for how it was answered.
create table monitoring.report_revisions (
  district      integer     not null,
  round_id      text        not null,
  report_id     text        not null,
  revision      integer     not null,
  body          jsonb       not null,
  content_hash  text        not null,
  submitter     text        not null,
  submit_time   timestamptz not null,
  return_reason text        not null default '',
  remarks       jsonb       not null default '[]',
  returner      text        not null default '',
  return_time   timestamptz,
  primary key (district, round_id, report_id, revision),
  foreign key (district, round_id, report_id) references monitoring.reports (district, round_id, report_id)
);
select protect('monitoring.report_revisions');

create table monitoring.report_opinions (
  district     integer     not null,
  round_id     text        not null,
  report_id    text        not null,
  opinion_id   text        not null,
  revision     integer     not null,
  content_hash text        not null,
  institution  text        not null,
  author       text        not null,
  passed       boolean     not null,
  problem      text        not null,
  advice       text        not null,
  remarks      jsonb       not null,
  create_time  timestamptz not null,
  primary key (district, round_id, report_id, opinion_id),
  foreign key (district, round_id, report_id, revision)
    references monitoring.report_revisions (district, round_id, report_id, revision)
);
select protect('monitoring.report_opinions');

create table monitoring.alerts (
  district      integer not null,
  alert_id      text    not null,
  fiscal_year   integer not null,
  round_id      text    not null,
  report_id     text    not null, -- empty for a department's
  kind          text    not null,
  state         text    not null check (state in ('open', 'acknowledged', 'answered', 'closed')),
  agency_code   text    not null,
  department_id text    not null,
  body          jsonb   not null,
  version       bigint  not null,
  primary key (district, alert_id),
  unique (district, round_id, report_id, department_id, kind)
);
select protect('monitoring.alerts');

create table monitoring.measures (
  district        integer not null,
  measure_id      text    not null,
  kind            text    not null,
  state           text    not null check (state in ('proposed', 'in_force', 'rejected', 'lifted')),
  subject_kind    text    not null check (subject_kind in ('project', 'unit')),
  subject_id      text    not null,
  fiscal_year     integer not null,
  applies_to_year integer not null,
  department_id   text    not null,
  agency_code     text    not null,
  effective_date  date,
  body            jsonb   not null,
  version         bigint  not null,
  primary key (district, measure_id),
  check ((state in ('in_force', 'lifted')) = (effective_date is not null))
);
-- A budget may be reduced twice; everything else is in force once or not.
create unique index measures_live on monitoring.measures (district, subject_kind, subject_id, fiscal_year, kind)
  where state in ('proposed', 'in_force') and kind <> 'reduce';
create index measures_subject on monitoring.measures (district, subject_kind, subject_id, fiscal_year);
create index measures_candidates on monitoring.measures (district, applies_to_year, subject_id)
  where state = 'in_force' and kind = 'key_evaluation_candidate';
select protect('monitoring.measures');

create table monitoring.block_overrides (
  district    integer not null,
  override_id text    not null,
  subject_kind text   not null check (subject_kind in ('project', 'unit')),
  subject_id  text    not null,
  fiscal_year integer not null,
  agency_code text    not null,
  revoked     boolean not null,
  body        jsonb   not null,
  version     bigint  not null,
  primary key (district, override_id)
);
create index block_overrides_subject on monitoring.block_overrides (district, subject_kind, subject_id, fiscal_year);
select protect('monitoring.block_overrides');
