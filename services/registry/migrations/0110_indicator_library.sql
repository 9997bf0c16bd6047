-- How indicators come into the library, and how they are found (指标入库与检索).

-- An index begins with the district, and a GIN index takes a number only with this.
create extension if not exists btree_gin;

alter table indicators
  add column common     boolean  not null generated always as ((body->>'common')::boolean) stored,
  add column start_date date     generated always as (iso_date(body->>'start_date')) stored,
  add column end_date   date     generated always as (iso_date(body->>'end_date')) stored,
  -- Words are cut by the service when it writes; what it never cut is found by its whole name.
  add column search     tsvector not null
    generated always as (to_tsvector('simple'::regconfig, coalesce(nullif(body->>'words', ''), body->>'title'))) stored;

create index indicators_search on indicators using gin (district, search);
create index indicators_title on indicators (district, title);
create index indicators_unit on indicators (district, unit, id);

-- What was refused keeps its code and does not stand in the way of another.
drop index indicators_code;
create unique index indicators_code on indicators (district, code) where state <> 'refused';

-- Which indicators the ratified form of a project had in a year (上年指标), as targets says it.
create table indicator_uses (
  district    integer not null references districts,
  project     text    collate "C" not null,
  fiscal_year integer not null,
  title       text    collate "C" not null,
  indicator   text    collate "C",
  primary key (district, project, fiscal_year, title)
);
create index indicator_uses_year on indicator_uses (district, fiscal_year, project);
select protect('registry.indicator_uses');
