-- Only whole departments are looked for by their unit. As long as the index held projects too, a plan made while the table
-- was empty preferred it to the key, and walked all projects to find one.
drop index targets.owner_unit;
create index owner_department on targets.owners (district, unit_id, subject_id)
  where subject_kind = 'whole_department';
