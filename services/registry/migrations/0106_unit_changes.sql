-- How units change over time (机构沿革). What a unit was called stands in its own row, which is read whole; what happened to
-- it is a row for each change, which is never edited.

alter table units
  add column renames          jsonb  not null default '[]',
  add column ending           text   check (ending in ('merge', 'split', 'move', 'close')),
  add column other_successors text[] not null default '{}',
  add check (ending is null or end_date is not null),
  add check (other_successors = '{}' or successor is not null);

create table unit_changes (
  district        integer     not null references districts,
  id              text        collate "C" not null,
  kind            text        not null check (kind in ('rename', 'merge', 'split', 'move', 'close')),
  agency_code     text        collate "C" not null,
  effective_date  date        not null,
  document_number text        not null,
  reason          text        not null,
  former_title    text        not null,
  title           text        not null,
  successors      text[]      not null,
  handovers       jsonb       not null,
  apply_time      timestamptz,
  creator         text        not null,
  create_time     timestamptz not null,
  primary key (district, id),
  foreign key (district, agency_code) references units
);
create index unit_changes_day on unit_changes (district, effective_date, id);
create index unit_changes_unit on unit_changes (district, agency_code, effective_date);
create index unit_changes_due on unit_changes (district, effective_date) where apply_time is null;
select protect('registry.unit_changes');
-- A change is never edited; that it took effect is noted once.
revoke update, delete on unit_changes from wenxiao_registry;
grant update (apply_time) on unit_changes to wenxiao_registry;

-- Who took over from whom, so that the chain can be followed in one statement, both ways.
create table unit_successions (
  district    integer not null,
  predecessor text    collate "C" not null,
  successor   text    collate "C" not null,
  primary key (district, predecessor, successor),
  foreign key (district, predecessor) references units,
  foreign key (district, successor) references units
);
create index unit_successions_back on unit_successions (district, successor, predecessor);
select protect('registry.unit_successions');
revoke update, delete on unit_successions from wenxiao_registry;

-- Mergers from before changes were kept. The tables' owner is bound by their rules too, so those are lifted meanwhile.
alter table units no force row level security;
alter table unit_changes no force row level security;
alter table unit_successions no force row level security;
insert into unit_changes (district, id, kind, agency_code, effective_date, document_number, reason, former_title, title,
    successors, handovers, apply_time, creator, create_time)
select district, 'merged-' || agency_code, 'merge', agency_code, end_date + 1, '', '', title, title, array[successor], '{}',
    update_time, '', update_time
from units where successor is not null;
insert into unit_successions (district, predecessor, successor)
select district, agency_code, successor from units where successor is not null;
alter table units force row level security;
alter table unit_changes force row level security;
alter table unit_successions force row level security;
