-- Changes that are taken back before their day (撤回机构变动), units that go on after a split, policies that change hands.

alter table unit_changes
  add column decision         text    collate "C",
  add column entered          text[]  not null default '{}',
  add column unit_goes_on     boolean not null default false,
  add column former_end_date  date,
  add column policy_handovers jsonb   not null default '{}',
  add column version          bigint  not null default 1 check (version > 0),
  add column cancel_time      timestamptz,
  add column canceller        text,
  add column cancel_reason    text,
  add check ((cancel_time is null) = (canceller is null) and (cancel_time is null) = (cancel_reason is null)),
  add check (cancel_time is null or apply_time is null),
  add check (kind = 'split' or not unit_goes_on),
  -- The history of a unit that never began stays when the unit is gone.
  drop constraint unit_changes_district_agency_code_fkey;

-- A unit may hand over to the same one twice, each time by a change of its own.
alter table unit_successions add column change text collate "C";

-- The tables' owner is bound by their rules too, so those are lifted meanwhile.
alter table units no force row level security;
alter table unit_changes no force row level security;
alter table unit_successions no force row level security;
-- What one command decided was written at one time; an end without heirs was decided, or read from a file, for each unit.
update unit_changes c set
  decision = case when kind = 'close' then id else (select min(d.id) from unit_changes d
    where d.district = c.district and d.kind = c.kind and d.creator = c.creator and d.create_time = c.create_time) end,
  entered = array(select u.agency_code from units u
    where u.district = c.district and u.agency_code = any(c.successors) and u.create_time = c.create_time);
update unit_successions s set change = (select min(c.id) from unit_changes c
  where c.district = s.district and c.agency_code = s.predecessor and s.successor = any(c.successors));
alter table units force row level security;
alter table unit_changes force row level security;
alter table unit_successions force row level security;

alter table unit_changes alter column decision set not null;
alter table unit_successions
  alter column change set not null,
  drop constraint unit_successions_pkey,
  add primary key (district, predecessor, successor, change),
  add foreign key (district, change) references unit_changes;
create index unit_successions_change on unit_successions (district, change);
create index unit_changes_decision on unit_changes (district, decision, id);
drop index unit_changes_due;
create index unit_changes_due on unit_changes (district, effective_date) where apply_time is null and cancel_time is null;
create index policies_unit on policies (district, executing_unit, id);

-- That a change took effect, or was taken back, is noted once; who takes over from whom falls with the change.
grant update (apply_time, version, cancel_time, canceller, cancel_reason) on unit_changes to wenxiao_registry;
grant delete on unit_successions to wenxiao_registry;
