-- 自评任务.
create table evaluation.self_evaluation_tasks (
  district       integer     not null,
  id             text        not null check (id <> ''),
  version        bigint      not null check (version > 0),
  create_time    timestamptz not null,
  update_time    timestamptz not null,
  body           jsonb       not null,
  evaluated_year integer not null generated always as ((body #>> '{evaluated_year}')::integer) stored,
  work_year      integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  state          text not null generated always as (body #>> '{state}') stored,
  primary key (district, id),
  check (state in ('open', 'closed')),
  check (evaluated_year <= work_year)
);
select evaluation.protect('evaluation.self_evaluation_tasks');
create index self_evaluation_tasks_of_year on evaluation.self_evaluation_tasks (district, evaluated_year, id);

-- 单位自评.
create table evaluation.self_evaluations (
  district         integer     not null,
  id               text        not null check (id <> ''),
  version          bigint      not null check (version > 0),
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  body             jsonb       not null,
  task             text not null generated always as (body #>> '{task}') stored,
  evaluated_year   integer not null generated always as ((body #>> '{evaluated_year}')::integer) stored,
  objective        text not null generated always as (body #>> '{objective}') stored,
  subject          text not null generated always as (body #>> '{object,subject}') stored,
  unit_code        text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  state            text not null generated always as (body #>> '{state}') stored,
  objective_amount numeric(20, 2) not null generated always as ((body #>> '{objective_amount}')::numeric(20, 2)) stored,
  self_score       numeric(16, 6) generated always as ((body #>> '{sheet,totals,self_score}')::numeric(16, 6)) stored,
  self_grade       text generated always as (body #>> '{sheet,totals,self_grade}') stored,
  has_report       boolean not null generated always as (jsonb_array_length(body #> '{form,report_sections}') + jsonb_array_length(body #> '{form,attachments}') > 0) stored,
  execution_rate   numeric(16, 4) generated always as ((body #>> '{sheet,fund,rate}')::numeric(16, 4)) stored,
  primary key (district, id),
  check (state in ('draft', 'submitted', 'department_reviewed', 'confirmed', 'returned')),
  check (objective_amount >= 0),
  check (self_score between 0 and 100),
  check (state in ('draft', 'returned') or self_score is not null)
);
select evaluation.protect('evaluation.self_evaluations');
create index self_evaluations_of_year on evaluation.self_evaluations (district, evaluated_year, id);
create index self_evaluations_of_unit on evaluation.self_evaluations (district, unit_code text_pattern_ops, id);
-- A unit answers to each objective of a task once.
create unique index self_evaluations_of_objective on evaluation.self_evaluations (district, task, objective)
  where objective <> '';

-- What a form was before it was handed in, sent back, reviewed or checked (历次版本). Never changed.
create table evaluation.self_evaluation_versions (
  district    integer     not null,
  id          text        not null,
  version     bigint      not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  body        jsonb       not null,
  primary key (district, id, version),
  foreign key (district, id) references evaluation.self_evaluations (district, id)
);
select evaluation.protect('evaluation.self_evaluation_versions');
