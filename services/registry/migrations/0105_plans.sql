-- What the bureau set out to do and how it brought people along (工作计划与培训).

create table work_plans (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  kind        text        not null generated always as (body->>'kind') stored,
  work_year   integer     not null generated always as ((body->>'work_year')::integer) stored,
  state       text        not null generated always as (body->>'state') stored,
  primary key (district, id)
);
select protect('registry.work_plans');

create table training_sessions (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  work_year   integer     not null generated always as ((body->>'work_year')::integer) stored,
  stage       text        not null generated always as (body->>'stage') stored,
  state       text        not null generated always as (body->>'state') stored,
  primary key (district, id)
);
select protect('registry.training_sessions');
