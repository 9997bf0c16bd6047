-- Rules and words as dated data (规则集、指标框架、指标库、模板).

create table rule_sets (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  title       text        not null,
  source      text        not null,
  verified    boolean     not null,
  layer       text        not null check (layer in ('national_default', 'district')),
  start_date  date        not null,
  end_date    date,
  sections    jsonb       not null,
  version     bigint      not null check (version > 0),
  create_time timestamptz not null,
  update_time timestamptz not null,
  primary key (district, id),
  check (start_date <= end_date)
);
create index rule_sets_start on rule_sets (district, start_date, id);
select protect('registry.rule_sets');

create table indicator_frames (
  district          integer     not null references districts,
  id                text        collate "C" not null,
  version           bigint      not null check (version > 0),
  body              jsonb       not null,
  create_time       timestamptz not null,
  update_time       timestamptz not null,
  first_fiscal_year integer     generated always as ((body->>'first_fiscal_year')::integer) stored,
  last_fiscal_year  integer     generated always as ((body->>'last_fiscal_year')::integer) stored,
  primary key (district, id)
);
select protect('registry.indicator_frames');

create table indicators (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  code        text        collate "C" not null generated always as (body->>'code') stored,
  title       text        not null generated always as (body->>'title') stored,
  frame       text        collate "C" not null generated always as (body->>'frame') stored,
  node_code   text        collate "C" not null generated always as (body->>'node_code') stored,
  unit        text        collate "C" generated always as (body->>'unit') stored,
  state       text        not null generated always as (body->>'state') stored,
  primary key (district, id),
  foreign key (district, frame) references indicator_frames
);
create unique index indicators_code on indicators (district, code);
select protect('registry.indicators');

create table templates (
  district          integer     not null references districts,
  id                text        collate "C" not null,
  version           bigint      not null check (version > 0),
  body              jsonb       not null,
  create_time       timestamptz not null,
  update_time       timestamptz not null,
  kind              text        not null generated always as (body->>'kind') stored,
  first_fiscal_year integer     generated always as ((body->>'first_fiscal_year')::integer) stored,
  last_fiscal_year  integer     generated always as ((body->>'last_fiscal_year')::integer) stored,
  primary key (district, id)
);
select protect('registry.templates');
