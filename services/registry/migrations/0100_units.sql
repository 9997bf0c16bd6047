-- Districts and the bodies in them that spend the budget (区划与预算单位).

-- A day written as ISO text. Columns derived from documents need a reading that no session setting can change.
create function iso_date(day text) returns date language sql immutable strict parallel safe as $$
  select make_date(left(day, 4)::integer, substr(day, 6, 2)::integer, substr(day, 9, 2)::integer)
$$;

create table districts (
  district       integer     primary key check (district between 100000000 and 999999999),
  title          text        not null,
  title_en       text        not null,
  city_title     text        not null,
  finance_bureau text,
  version        bigint      not null check (version > 0),
  create_time    timestamptz not null,
  update_time    timestamptz not null
);
select protect('registry.districts');

-- A unit's place in the tree is its code: the parent's code is the same without the last three digits.
create table units (
  district          integer     not null references districts,
  agency_code       text        collate "C" not null check (agency_code ~ '^([0-9]{3}){1,7}$'),
  title             text        not null,
  short_title       text        not null,
  kind              text        not null check (kind in ('department', 'unit', 'own_unit', 'subdistrict_office', 'affiliated')),
  fiscal_division   integer,
  managing_division text        not null,
  start_date        date,
  end_date          date,
  successor         text        collate "C",
  version           bigint      not null check (version > 0),
  create_time       timestamptz not null,
  update_time       timestamptz not null,
  primary key (district, agency_code),
  foreign key (district, successor) references units,
  check (start_date <= end_date),
  check (successor is null or end_date is not null),
  check ((length(agency_code) = 3) = (kind in ('department', 'subdistrict_office'))),
  check (fiscal_division is null or kind = 'subdistrict_office')
);
-- A department has one "本级" unit at a time, whoever enters two at once.
create unique index units_own on units (district, left(agency_code, -3)) where kind = 'own_unit' and end_date is null;
create unique index units_fiscal_division on units (district, fiscal_division) where end_date is null;
select protect('registry.units');
