-- What targets keeps of the registry's events, as far as statistics need it.

-- Units. `body` is the unit itself, or the department whose "本级" unit it is: the two are one body and count once.
-- Subdistrict offices (街道办事处) are counted beside the budget units and not among them.
create table targets.units (
  district    integer not null,
  id          text    not null,
  body        text    not null,
  subdistrict boolean not null,
  primary key (district, id)
);
select targets.protect('targets.units');

-- Budgets of projects by year and account: the denominators of coverage. Increments of the registry's entries.
create table targets.project_budgets (
  district        integer       not null,
  fiscal_year     integer       not null,
  account         text          not null,
  project_id      text          not null,
  initial_amount  numeric(20,2) not null,
  adjusted_amount numeric(20,2) not null,
  primary key (district, fiscal_year, account, project_id)
);
select targets.protect('targets.project_budgets');
