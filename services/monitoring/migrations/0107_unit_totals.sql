-- Totals of the projects of one unit under one department (项目的部门可能不是其单位的部门): what figures of units, departments
-- and the district are read from, so that they cost the same however many projects and payments there are. Kept in the
-- statements that change execution_totals and in those that move a project; always equal to a recount.
create table monitoring.unit_totals (
  district       integer        not null,
  fiscal_year    integer        not null,
  department_id  text           not null,
  unit_id        text           not null,
  account        text           not null,
  funding_source integer        not null,
  month          smallint       not null check (month between 1 and 12),
  initial        numeric(20, 2) not null default 0,
  increase       numeric(20, 2) not null default 0,
  reduction      numeric(20, 2) not null default 0,
  executed       numeric(20, 2) not null default 0,
  primary key (district, fiscal_year, department_id, unit_id, account, funding_source, month)
) with (fillfactor = 50); -- each row changes with every message of payments; no indexed column does
create index unit_totals_unit on monitoring.unit_totals (district, fiscal_year, unit_id);

-- Nobody writes while this counts, and it sees the rows of every district.
lock table monitoring.projects, monitoring.execution_totals in share row exclusive mode;
alter table monitoring.projects no force row level security;
alter table monitoring.execution_totals no force row level security;
insert into monitoring.unit_totals
select t.district, t.fiscal_year, p.department_id, p.unit_id, t.account, t.funding_source, t.month,
  sum(t.initial), sum(t.increase), sum(t.reduction), sum(t.executed)
from monitoring.execution_totals t
join monitoring.projects p on p.district = t.district and p.project_id = t.project_id
group by t.district, t.fiscal_year, p.department_id, p.unit_id, t.account, t.funding_source, t.month;
alter table monitoring.projects force row level security;
alter table monitoring.execution_totals force row level security;
select protect('monitoring.unit_totals');
