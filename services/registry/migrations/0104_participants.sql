-- Who helps from outside (参与主体) and what for (委托).

create table institutions (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  credit_code text        generated always as (nullif(body->>'credit_code', '')) stored,
  kind        text        not null generated always as (body->>'kind') stored,
  state       text        not null generated always as (body->>'state') stored,
  primary key (district, id)
);
create unique index institutions_credit_code on institutions (district, credit_code);
select protect('registry.institutions');

create table experts (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  state       text        not null generated always as (body->>'state') stored,
  primary key (district, id)
);
select protect('registry.experts');

create table representatives (
  district        integer     not null references districts,
  id              text        collate "C" not null,
  version         bigint      not null check (version > 0),
  body            jsonb       not null,
  create_time     timestamptz not null,
  update_time     timestamptz not null,
  kind            text        not null generated always as (body->>'kind') stored,
  term_start_date date        generated always as (iso_date(body->>'term_start_date')) stored,
  term_end_date   date        generated always as (iso_date(body->>'term_end_date')) stored,
  primary key (district, id)
);
select protect('registry.representatives');

create table engagements (
  district    integer     not null references districts,
  id          text        collate "C" not null,
  version     bigint      not null check (version > 0),
  body        jsonb       not null,
  create_time timestamptz not null,
  update_time timestamptz not null,
  kind        text        not null generated always as (body->>'kind') stored,
  participant text        collate "C" not null generated always as (body->>'participant') stored,
  work_year   integer     not null generated always as ((body->>'work_year')::integer) stored,
  start_date  date        not null generated always as (iso_date(body->>'start_date')) stored,
  end_date    date        not null generated always as (iso_date(body->>'end_date')) stored,
  cancelled   boolean     not null generated always as ((body->>'cancelled')::boolean) stored,
  primary key (district, id)
);
create index engagements_participant on engagements (district, participant, id);
select protect('registry.engagements');
