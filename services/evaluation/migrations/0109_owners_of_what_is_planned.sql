-- Candidates follow as well until a plan has chosen them or somebody has taken them off (see 0107). No list is narrowed
-- by their unit.
alter table evaluation.evaluation_candidates
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.evaluation_candidates
  alter column unit drop expression,
  alter column unit_title drop expression;
create index evaluation_candidates_listed on evaluation.evaluation_candidates (district, subject) where state = 'listed';

-- The items of a plan stand in its body. As long as it is a draft, the projection rewrites whose they are in place: every
-- command locks the plan before it reads it, so that none writes back what it was.
create index key_evaluation_plans_in_draft on evaluation.key_evaluation_plans (district) where state = 'draft';

-- Who answers today for what was an ended unit's as a whole: the department at the head of its successor's branch, or
-- whoever has taken that over since. Empty while the unit has not ended.
alter table evaluation.units add column heir text not null default '';
create index units_of_heir on evaluation.units (district, heir) where heir <> '';

-- Projects and policies that were handed over before anything followed them: what is open about them goes now to whom the
-- registry has named. Whole departments that have ended cannot be mended here, for nothing kept says who their heirs are:
-- the README says what to do. Row rules bind the owner too, who has no district.
do $$
declare
  kept text;
  work record;
begin
  foreach kept in array array['subjects', 'units', 'rectifications', 'ex_ante_evaluations', 'self_evaluations',
                              'key_evaluations', 'evaluation_candidates', 'budget_decisions', 'sunset_reviews', 'findings'] loop
    execute format('alter table evaluation.%I no force row level security', kept);
  end loop;
  for work in
    select * from (values
      ('ex_ante_evaluations', $q$state <> 'concluded'$q$), ('self_evaluations', $q$state <> 'confirmed'$q$),
      ('key_evaluations', $q$state not in ('fixed', 'cancelled')$q$), ('evaluation_candidates', $q$state = 'listed'$q$),
      ('budget_decisions', $q$state <> 'arranged'$q$), ('sunset_reviews', $q$state <> 'decided'$q$),
      ('findings', $q$state in ('open', 'demanded')$q$)) as listed(name, condition)
  loop
    execute format(
      $q$update evaluation.%I o set unit = s.unit, unit_title = coalesce(u.title, '')
         from evaluation.subjects s left join evaluation.units u on u.district = s.district and u.name = s.unit
         where s.district = o.district and s.name = o.subject and s.unit <> '' and o.unit <> s.unit and o.%s$q$,
      work.name, work.condition);
  end loop;
  update evaluation.rectifications r set unit = f.unit
  from (select district, rectification, min(unit) as unit from evaluation.findings where rectification <> ''
        group by district, rectification having min(unit) = max(unit)) f
  where f.district = r.district and f.rectification = 'districts/' || r.district || '/rectifications/' || r.id
    and r.state <> 'accepted' and r.unit <> f.unit;
  foreach kept in array array['subjects', 'units', 'rectifications', 'ex_ante_evaluations', 'self_evaluations',
                              'key_evaluations', 'evaluation_candidates', 'budget_decisions', 'sunset_reviews', 'findings'] loop
    execute format('alter table evaluation.%I force row level security', kept);
  end loop;
end $$;
