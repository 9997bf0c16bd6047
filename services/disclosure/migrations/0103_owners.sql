-- Decisions and notices follow whoever answers for what they are about (承接单位), as long as they are open. The projection of
-- the registry's feed moves them on, without a version; no command writes their unit after the first insert.

-- Who answers today for what was an ended unit's as a whole: the department at the head of its successor's branch, or
-- whoever has taken that over since. Empty while the unit has not ended.
alter table disclosure.units add column heir text not null default '';
create index units_of_heir on disclosure.units (district, heir) where heir <> '';

create index decisions_open on disclosure.decisions (district, unit) where state in ('draft', 'submitted', 'returned');
create index notices_open on disclosure.notices (district, unit) where state <> 'closed';

-- Projects and policies that were handed over before anything followed them: what is open about them goes now to whom the
-- registry has named; a notice that the bureau addressed to another unit than the subject's stays. Row rules bind the owner
-- too, who has no district.
alter table disclosure.subjects no force row level security;
alter table disclosure.projects no force row level security;
alter table disclosure.policies no force row level security;
alter table disclosure.decisions no force row level security;
alter table disclosure.notices no force row level security;
with handed_over as (
  select s.district, s.name, s.unit as former, o.unit from disclosure.subjects s
  join (select district, name, unit from disclosure.projects
        union all select district, name, executing_unit from disclosure.policies) o
    on o.district = s.district and o.name = s.object and o.unit <> '' and o.unit <> s.unit),
decided as (
  update disclosure.decisions d set unit = h.unit from handed_over h
  where h.district = d.district and h.name = d.subject and h.former = d.unit
    and d.state in ('draft', 'submitted', 'returned'))
update disclosure.notices n set unit = h.unit, unit_code = split_part(h.unit, '/', 4) from handed_over h
where h.district = n.district and h.name = n.subject and h.former = n.unit and n.state <> 'closed';
alter table disclosure.subjects force row level security;
alter table disclosure.projects force row level security;
alter table disclosure.policies force row level security;
alter table disclosure.decisions force row level security;
alter table disclosure.notices force row level security;
