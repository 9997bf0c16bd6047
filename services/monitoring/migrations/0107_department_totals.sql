-- Totals of all projects that are summed under one department: what figures of departments and of the district are read
-- from, so that they cost the same however many projects and payments there are. (A unit has few enough projects to sum
-- theirs.) Kept in the statements that change execution_totals and in those that move a project; always equal to a
-- recount.
create table monitoring.department_totals (
  district       integer        not null,
  fiscal_year    integer        not null,
  department_id  text           not null,
  account        text           not null,
  funding_source integer        not null,
  month          smallint       not null check (month between 1 and 12),
  initial        numeric(20, 2) not null default 0,
  increase       numeric(20, 2) not null default 0,
  reduction      numeric(20, 2) not null default 0,
  executed       numeric(20, 2) not null default 0,
  primary key (district, fiscal_year, department_id, account, funding_source, month)
) with (fillfactor = 50); -- each row changes with every message of payments; no indexed column does

-- Nobody writes while this counts, and it sees the rows of every district.
lock table monitoring.projects, monitoring.execution_totals in share row exclusive mode;
alter table monitoring.projects no force row level security;
alter table monitoring.execution_totals no force row level security;
insert into monitoring.department_totals
select t.district, t.fiscal_year, p.department_id, t.account, t.funding_source, t.month,
  sum(t.initial), sum(t.increase), sum(t.reduction), sum(t.executed)
from monitoring.execution_totals t
join monitoring.projects p on p.district = t.district and p.project_id = t.project_id
group by t.district, t.fiscal_year, p.department_id, t.account, t.funding_source, t.month;
alter table monitoring.projects force row level security;
alter table monitoring.execution_totals force row level security;
select protect('monitoring.department_totals');
