-- Whose forms are (承接): they follow their subject when units merge, split, move or end.

-- Whose a project, policy or whole department is, as the registry said last.
create table targets.owners (
  district      integer not null,
  subject_kind  text    not null check (subject_kind in ('project', 'policy', 'whole_department')),
  subject_id    text    not null,
  unit_id       text    not null,
  department_id text    not null,
  -- Version of the project, policy or unit that said so: an answer of the registry that is older is outdated.
  version       bigint  not null,
  primary key (district, subject_kind, subject_id)
);
-- Finds the whole departments that a unit answers for, when it ends itself.
create index owner_unit on targets.owners (district, subject_kind, unit_id, subject_id);
select targets.protect('targets.owners');

-- Which units have taken over a unit that ended, directly or by taking over one that had.
create table targets.unit_heirs (
  district integer not null,
  unit_id  text    not null,
  heir_id  text    not null,
  primary key (district, unit_id, heir_id)
);
-- Finds what a unit has taken over.
create index unit_heir on targets.unit_heirs (district, heir_id, unit_id);
select targets.protect('targets.unit_heirs');

-- Forms of projects that changed hands before forms followed. Their owner is under the tenants' rules like everybody
-- else; this once, inside this transaction, it reads and changes all of them. A department is the first segment of the
-- code of its units.
alter table targets.objectives no force row level security;
alter table targets.projects no force row level security;
update targets.objectives o
set unit_id = p.unit_id, unit_code = p.unit_id,
  department_id = left(p.unit_id, 3), department_code = left(p.unit_id, 3)
from targets.projects p
where p.district = o.district and o.subject_kind = 'project' and p.id = o.subject_id and p.unit_id <> o.unit_id;
alter table targets.objectives force row level security;
alter table targets.projects force row level security;
