-- Each aggregate is one row: its domain value whole in `body`, read and written whole; and every value that SQL filters,
-- sorts, joins or sums as a typed column that the database derives from it, so that the two cannot disagree.

-- 事前绩效评估.
create table evaluation.ex_ante_evaluations (
  district         integer     not null,
  id               text        not null check (id <> ''),
  version          bigint      not null check (version > 0),
  create_time      timestamptz not null,
  update_time      timestamptz not null,
  body             jsonb       not null,
  work_year        integer not null generated always as ((body #>> '{work_year}')::integer) stored,
  applies_to_year  integer not null generated always as ((body #>> '{applies_to_year}')::integer) stored,
  subject          text not null generated always as (body #>> '{object,subject}') stored,
  unit_code        text not null generated always as (split_part(body #>> '{object,unit}', '/', 4)) stored,
  kind             text not null generated always as (body #>> '{object,kind}') stored,
  occasion         text generated always as (body #>> '{request,occasion}') stored,
  state            text not null generated always as (body #>> '{state}') stored,
  requested_amount numeric(20, 2) not null generated always as ((body #>> '{request,amount}')::numeric(20, 2)) stored,
  conclusion       text generated always as (body #>> '{decision,conclusion}') stored,
  supported_amount numeric(20, 2) generated always as ((body #>> '{decision,amount}')::numeric(20, 2)) stored,
  primary key (district, id),
  check (state in ('draft', 'submitted', 'returned', 'concluded')),
  check ((state = 'concluded') = (conclusion is not null)),
  check (requested_amount > 0),
  check (supported_amount is null or supported_amount between 0 and requested_amount)
);
select evaluation.protect('evaluation.ex_ante_evaluations');
create index ex_ante_evaluations_of_year on evaluation.ex_ante_evaluations (district, work_year, id);

