-- 评价备选.
create table evaluation.evaluation_candidates (
  district    integer     not null,
  id          text        not null check (id <> ''),
  version     bigint      not null check (version > 0),
  create_time timestamptz not null,
  update_time timestamptz not null,
  body        jsonb       not null,
  work_year   integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  subject     text not null generated always as (body #>> '{object,subject}') stored,
  unit_code   text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  state       text not null generated always as (body #>> '{state}') stored,
  primary key (district, id),
  check (state in ('listed', 'selected', 'dropped'))
);
select evaluation.protect('evaluation.evaluation_candidates');
create index evaluation_candidates_of_year on evaluation.evaluation_candidates (district, work_year, id);

-- 预算挂钩建议.
create table evaluation.budget_hints (
  district        integer     not null,
  id              text        not null check (id <> ''),
  version         bigint      not null check (version > 0),
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  body            jsonb       not null,
  applies_to_year integer not null generated always as ((body #>> '{applies_to_year}')::integer) stored,
  subject         text not null generated always as (body #>> '{object,subject}') stored,
  unit_code       text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  action          text not null generated always as (body #>> '{action}') stored,
  state           text not null generated always as (body #>> '{state}') stored,
  primary key (district, id),
  check (state in ('active', 'superseded')),
  check (jsonb_array_length(body #> '{basis}') > 0)
);
select evaluation.protect('evaluation.budget_hints');
create index budget_hints_of_year on evaluation.budget_hints (district, applies_to_year, id);
create index budget_hints_of_subject on evaluation.budget_hints (district, subject, applies_to_year);

-- 预算安排决定.
create table evaluation.budget_decisions (
  district         integer     not null,
  id               text        not null check (id <> ''),
  version          bigint      not null check (version > 0),
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  body             jsonb       not null,
  applies_to_year  integer not null generated always as ((body #>> '{applies_to_year}')::integer) stored,
  subject          text not null generated always as (body #>> '{object,subject}') stored,
  unit_code        text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  state            text not null generated always as (body #>> '{state}') stored,
  requested_amount numeric(20, 2) generated always as ((body #>> '{request,requested,amount}')::numeric(20, 2)) stored,
  arranged_amount  numeric(20, 2) generated always as ((body #>> '{arrangements,-1,figure,amount}')::numeric(20, 2)) stored,
  cut_amount       numeric(20, 2) generated always as ((body #>> '{outcome,cut}')::numeric(20, 2)) stored,
  primary key (district, id),
  check (state in ('requested', 'recommended', 'arranged')),
  check ((state = 'arranged') = (arranged_amount is not null)),
  check (arranged_amount >= 0)
);
select evaluation.protect('evaluation.budget_decisions');
create index budget_decisions_of_year on evaluation.budget_decisions (district, applies_to_year, id);

-- 到期政策再评估.
create table evaluation.sunset_reviews (
  district        integer     not null,
  id              text        not null check (id <> ''),
  version         bigint      not null check (version > 0),
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  body            jsonb       not null,
  work_year       integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  applies_to_year integer not null generated always as ((body #>> '{applies_to_year}')::integer) stored,
  subject         text not null generated always as (body #>> '{object,subject}') stored,
  unit_code       text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  state           text not null generated always as (body #>> '{state}') stored,
  outcome         text generated always as (body #>> '{decision,outcome}') stored,
  primary key (district, id),
  check (state in ('open', 'evaluated', 'decided')),
  check ((state = 'decided') = (outcome is not null))
);
select evaluation.protect('evaluation.sunset_reviews');
create index sunset_reviews_of_year on evaluation.sunset_reviews (district, work_year, id);
create unique index sunset_reviews_of_policy on evaluation.sunset_reviews (district, subject, applies_to_year);

