-- Whose an object is (归属) is a fact of the registry that monitoring repeats in columns. When a project changes hands or a
-- unit ends, the projection moves the columns; no command writes them. The body of an object keeps whose it was when it was
-- last written, and is never asked.

-- Who has what was the unit's as a whole (承接单位): of a department or street the department of its main successor, of
-- any other unit that successor; the last of a chain. Null while the unit exists.
alter table monitoring.units add column heir_id text;
create index units_heir on monitoring.units (district, heir_id) where heir_id is not null;

-- Policies with the unit that carries them out.
create table monitoring.policies (
  district  integer not null,
  policy_id text    not null,
  unit_id   text    not null,
  primary key (district, policy_id)
);
select protect('monitoring.policies');

comment on column monitoring.objectives.unit_id is
  'as targets told it when the objective was last changed; whose it is today is asked of projects, policies and units';
comment on column monitoring.objectives.department_id is 'as unit_id';

-- An object with its owner of today.
create function monitoring.owned(body jsonb, unit_id text, agency_code text, department_id text) returns jsonb
  language sql immutable parallel safe
  return body || jsonb_build_object('unit', unit_id, 'agency_code', agency_code, 'department', department_id);

-- An alert is one per round, report, subject and kind: two departments that became one each keep theirs.
alter table monitoring.alerts
  add column unit_id text,
  add column subject_kind text generated always as
    (case when body->'subject' ? 'project' then 'project' else 'unit' end) stored,
  add column subject_id text generated always as
    (coalesce(body->'subject'->>'project', body->'subject'->>'unit')) stored;
alter table monitoring.measures add column unit_id text; -- of a unit's measure: whom it binds today
alter table monitoring.block_overrides add column unit_id text, add column department_id text;

-- Nobody writes meanwhile, and the rows of every district are seen.
lock table monitoring.projects, monitoring.alerts, monitoring.measures, monitoring.block_overrides
  in share row exclusive mode;
alter table monitoring.projects no force row level security;
alter table monitoring.alerts no force row level security;
alter table monitoring.measures no force row level security;
alter table monitoring.block_overrides no force row level security;
update monitoring.alerts set unit_id = body->>'unit';
update monitoring.measures m set unit_id = coalesce((select p.unit_id from monitoring.projects p
  where p.district = m.district and m.subject_kind = 'project' and p.project_id = m.subject_id), m.subject_id);
update monitoring.block_overrides o set department_id = o.body->>'department',
  unit_id = coalesce((select p.unit_id from monitoring.projects p
    where p.district = o.district and o.subject_kind = 'project' and p.project_id = o.subject_id), o.subject_id);
alter table monitoring.projects force row level security;
alter table monitoring.alerts force row level security;
alter table monitoring.measures force row level security;
alter table monitoring.block_overrides force row level security;

alter table monitoring.alerts
  alter column unit_id set not null,
  drop constraint alerts_district_round_id_report_id_department_id_kind_key,
  add constraint alerts_once unique (district, round_id, report_id, subject_id, kind);
alter table monitoring.measures alter column unit_id set not null;
alter table monitoring.block_overrides
  alter column unit_id set not null,
  alter column department_id set not null;

-- What a projection moves: by the project or policy, and by the unit as a whole.
create index reports_object on monitoring.reports (district, report_id);
create index reports_unit on monitoring.reports (district, unit_id) where kind <> 'project';
create index alerts_report on monitoring.alerts (district, report_id) where report_id <> '';
create index alerts_unit on monitoring.alerts (district, unit_id) where subject_kind = 'unit';
create index measures_unit on monitoring.measures (district, unit_id, fiscal_year) where subject_kind = 'unit';
create index block_overrides_unit on monitoring.block_overrides (district, unit_id, fiscal_year)
  where subject_kind = 'unit';
