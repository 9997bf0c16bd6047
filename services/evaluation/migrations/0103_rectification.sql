-- 存在问题.
create table evaluation.findings (
  district        integer     not null,
  id              text        not null check (id <> ''),
  version         bigint      not null check (version > 0),
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  body            jsonb       not null,
  work_year       integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  subject         text not null generated always as (body #>> '{object,subject}') stored,
  unit_code       text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  source_resource text not null generated always as (body #>> '{source_resource}') stored,
  category        text not null generated always as (body #>> '{matter,category}') stored,
  rectification   text not null generated always as (body #>> '{rectification}') stored,
  state           text not null generated always as (body #>> '{state}') stored,
  primary key (district, id),
  check (state in ('open', 'demanded', 'rectified', 'dismissed')),
  check ((state in ('demanded', 'rectified')) = (rectification <> ''))
);
select evaluation.protect('evaluation.findings');
create index findings_of_year on evaluation.findings (district, work_year, id);

-- 整改通知.
create table evaluation.rectifications (
  district    integer     not null,
  id          text        not null check (id <> ''),
  version     bigint      not null check (version > 0),
  create_time timestamptz not null,
  update_time timestamptz not null,
  body        jsonb       not null,
  work_year   integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  unit_code   text not null generated always as (split_part(body #>> '{unit}', '/', 4)) stored,
  state       text not null generated always as (body #>> '{state}') stored,
  primary key (district, id),
  check (state in ('demanded', 'reported', 'accepted', 'rejected', 'overdue'))
);
select evaluation.protect('evaluation.rectifications');
create index rectifications_of_year on evaluation.rectifications (district, work_year, id);

