-- Budgets (预算): entries that are never edited, and what they add up to.

create table budget_entries (
  district        integer       not null,
  id              text          collate "C" not null,
  place           bigint        not null generated always as identity,
  project         text          collate "C" not null,
  fiscal_year     integer       not null check (fiscal_year between 1990 and 2100),
  budget_account  text          not null check (budget_account in ('general_public', 'government_fund', 'state_capital', 'social_insurance_fund')),
  funding_source  text          not null check (funding_source in ('district_fiscal', 'central_fiscal', 'provincial_fiscal', 'municipal_fiscal', 'special_account', 'unit_funds', 'bank_loan', 'social_capital', 'other')),
  kind            text          not null check (kind in ('initial', 'supplement', 'reduction', 'carry_over', 'virement')),
  amount          numeric(20,2) not null,
  entry_date      date          not null,
  document_number text          not null,
  remark          text          not null,
  source_number   text,
  reversed_entry  text          collate "C",
  creator         text          not null,
  create_time     timestamptz   not null,
  primary key (district, id),
  foreign key (district, project) references projects,
  foreign key (district, reversed_entry) references budget_entries,
  check (reversed_entry is not null or case kind
    when 'initial' then amount >= 0 when 'reduction' then amount < 0 when 'virement' then amount <> 0 else amount > 0 end)
);
create unique index budget_entries_place on budget_entries (district, place);
create unique index budget_entries_source on budget_entries (district, source_number);
create unique index budget_entries_reversed on budget_entries (district, reversed_entry);
create index budget_entries_project on budget_entries (district, project, fiscal_year, place);
select protect('registry.budget_entries');
revoke update, delete on budget_entries from wenxiao_registry;
grant usage on all sequences in schema registry to wenxiao_registry;

-- One row per project-year: what is locked when entries are entered, and counts its versions.
create table budget_positions (
  district    integer     not null,
  project     text        collate "C" not null,
  fiscal_year integer     not null,
  version     bigint      not null check (version > 0),
  update_time timestamptz not null,
  primary key (district, project, fiscal_year),
  foreign key (district, project) references projects
);
create index budget_positions_year on budget_positions (district, fiscal_year, project);
select protect('registry.budget_positions');

-- What the entries add up to, by account and source. Moves with the entries, in their transaction.
create table budget_lines (
  district       integer       not null,
  project        text          collate "C" not null,
  fiscal_year    integer       not null,
  budget_account text          not null,
  funding_source text          not null,
  initial        numeric(20,2) not null,
  supplement     numeric(20,2) not null,
  reduction      numeric(20,2) not null,
  carry_over     numeric(20,2) not null,
  virement       numeric(20,2) not null,
  adjusted       numeric(20,2) not null generated always as (initial + supplement + reduction + carry_over + virement) stored,
  primary key (district, project, fiscal_year, budget_account, funding_source),
  foreign key (district, project, fiscal_year) references budget_positions
);
create index budget_lines_year on budget_lines (district, fiscal_year, budget_account, project);
select protect('registry.budget_lines');

create table department_budgets (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  department  text        collate "C" not null generated always as (body->>'department') stored,
  fiscal_year integer     not null generated always as ((body->>'fiscal_year')::integer) stored,
  primary key (district, id),
  foreign key (district, department) references units
);
create unique index department_budgets_year on department_budgets (district, department, fiscal_year);
select protect('registry.department_budgets');
