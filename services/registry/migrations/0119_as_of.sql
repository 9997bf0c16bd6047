-- What a unit had on a day (历史归属).

-- Which unit a project was implemented by on a day: the first former owner whose last day is not before it, else the one
-- that it has.
create function implementing_unit_on(implementing_unit text, details jsonb, day date) returns text
language sql immutable parallel safe as $$
  select coalesce(
    (select former->>'implementing_unit'
     from jsonb_array_elements(details->'former_owners') with ordinality as owners(former, place)
     where day <= registry.iso_date(former->>'end_date') order by place limit 1),
    implementing_unit)
$$;

-- The same of the unit that carried a policy out.
create function executing_unit_on(body jsonb, day date) returns text
language sql immutable parallel safe as $$
  select coalesce(
    (select former->>'executing_unit'
     from jsonb_array_elements(body->'former_executors') with ordinality as owners(former, place)
     where day <= registry.iso_date(former->>'end_date') order by place limit 1),
    body->>'executing_unit')
$$;
