-- What monitoring keeps of the registry's and of targets' events: its own copy, read in one statement with its own rows.

-- Budget units with the department that each is summed under.
create table monitoring.units (
  district      integer not null,
  unit_id       text    not null,
  agency_code   text    not null,
  title         text    not null,
  is_department boolean not null, -- 主管部门 or 街道: the head of a branch
  department_id text    not null,
  primary key (district, unit_id)
);
select protect('monitoring.units');

-- Projects with what decides which rules fit them and who answers for them.
create table monitoring.projects (
  district           integer not null,
  project_id         text    not null,
  title              text    not null,
  unit_id            text    not null,
  department_id      text    not null,
  account            text    not null,
  local_project_type text    not null,
  capital_works      boolean not null,
  primary key (district, project_id)
);
create index projects_department on monitoring.projects (district, department_id, project_id);
create index projects_unit on monitoring.projects (district, unit_id, project_id);
select protect('monitoring.projects');

-- Objectives: the form that was ratified last, and whether the newest one was barred (差).
create table monitoring.objectives (
  district      integer not null,
  objective_id  text    not null,
  subject_kind  text    not null check (subject_kind in ('project', 'policy', 'department')),
  subject_id    text    not null,
  fiscal_year   integer not null,
  title         text    not null,
  unit_id       text    not null,
  department_id text    not null,
  barred        boolean not null,
  version       bigint  not null, -- of the ratified form; 0 while none is
  form          jsonb,            -- the ratified form; null while none is
  primary key (district, objective_id),
  check ((version = 0) = (form is null))
);
create index objectives_subject on monitoring.objectives (district, fiscal_year, subject_kind, subject_id);
select protect('monitoring.objectives');

-- Rule sets: the sections that monitoring follows, in its own form.
create table monitoring.rule_sets (
  district    integer not null,
  rule_set_id text    not null,
  of_district boolean not null, -- the district's own goes before the national default
  start_date  date    not null,
  end_date    date,
  sections    jsonb   not null,
  primary key (district, rule_set_id)
);
select protect('monitoring.rule_sets');
