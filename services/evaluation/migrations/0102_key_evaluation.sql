-- 重点绩效评价计划.
create table evaluation.key_evaluation_plans (
  district       integer     not null,
  id             text        not null check (id <> ''),
  version        bigint      not null check (version > 0),
  create_time    timestamptz not null,
  update_time    timestamptz not null,
  body           jsonb       not null,
  work_year      integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  evaluated_year integer not null generated always as ((body #>> '{evaluated_year}')::integer) stored,
  state          text not null generated always as (body #>> '{state}') stored,
  primary key (district, id),
  check (state in ('draft', 'approved')),
  check (evaluated_year <= work_year)
);
select evaluation.protect('evaluation.key_evaluation_plans');
create index key_evaluation_plans_of_year on evaluation.key_evaluation_plans (district, work_year, id);

-- 重点绩效评价.
create table evaluation.key_evaluations (
  district       integer     not null,
  id             text        not null check (id <> ''),
  version        bigint      not null check (version > 0),
  create_time    timestamptz not null,
  update_time    timestamptz not null,
  body           jsonb       not null,
  plan           text not null generated always as (body #>> '{plan}') stored,
  plan_item      integer not null generated always as ((body #>> '{plan_item}')::integer) stored,
  lead           text not null generated always as (body #>> '{lead}') stored,
  work_year      integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  evaluated_year integer not null generated always as ((body #>> '{evaluated_year}')::integer) stored,
  subject        text not null generated always as (body #>> '{object,subject}') stored,
  unit_code      text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  state          text not null generated always as (body #>> '{state}') stored,
  amount         numeric(20, 2) not null generated always as ((body #>> '{amount}')::numeric(20, 2)) stored,
  total_score    numeric(16, 6) generated always as ((body #>> '{total_score}')::numeric(16, 6)) stored,
  grade          text generated always as (body #>> '{grade}') stored,
  institution    text generated always as (body #>> '{panel,institution}') stored,
  primary key (district, id),
  check (state in ('preparing', 'evaluating', 'exchanging', 'answered', 'reported', 'fixed', 'cancelled')),
  check (lead in ('finance', 'department')),
  check (state <> 'fixed' or (total_score is not null and grade is not null)),
  check (amount >= 0),
  check (total_score between 0 and 100)
);
select evaluation.protect('evaluation.key_evaluations');
create index key_evaluations_of_year on evaluation.key_evaluations (district, work_year, id);
-- Each object of a plan is evaluated once; a cancelled attempt leaves room for another.
create unique index key_evaluations_of_plan on evaluation.key_evaluations (district, plan, plan_item)
  where state <> 'cancelled';

