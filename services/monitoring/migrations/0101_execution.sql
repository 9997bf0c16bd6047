-- Payments of the treasury system, by its own ids. Never changed: a correction is another payment.
create table monitoring.payments (
  district       integer        not null,
  payment_id     text           not null,
  fiscal_year    integer        not null,
  project_id     text           not null,
  unit_id        text           not null,
  account        text           not null,
  funding_source integer        not null,
  amount         numeric(20, 2) not null check (amount <> 0),
  pay_date       date           not null,
  month          smallint       not null check (month between 1 and 12),
  kind           text           not null,
  original_id    text           not null,
  purpose        text           not null,
  create_time    timestamptz    not null,
  primary key (district, payment_id)
);
create index payments_date on monitoring.payments (district, fiscal_year, pay_date, payment_id);
create index payments_project on monitoring.payments (district, project_id, fiscal_year, pay_date, payment_id);
select protect('monitoring.payments');

-- Budget and outturn of each project, year, account, source and month: increments that are added in the transaction
-- of the payment or budget entry that causes them. Always equal to a recount.
create table monitoring.execution_totals (
  district       integer        not null,
  fiscal_year    integer        not null,
  project_id     text           not null,
  account        text           not null,
  funding_source integer        not null,
  month          smallint       not null check (month between 1 and 12),
  initial        numeric(20, 2) not null default 0, -- 年初批复
  increase       numeric(20, 2) not null default 0, -- 追加, 结转, 调入
  reduction      numeric(20, 2) not null default 0, -- 追减, 调出; positive
  executed       numeric(20, 2) not null default 0, -- 执行
  primary key (district, fiscal_year, project_id, account, funding_source, month)
);
select protect('monitoring.execution_totals');

-- Planned progress of construction projects.
create table monitoring.milestone_plans (
  district    integer     not null,
  project_id  text        not null,
  fiscal_year integer     not null,
  milestones  jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  version     bigint      not null,
  primary key (district, project_id, fiscal_year)
);
select protect('monitoring.milestone_plans');
