-- Whose an object is (责任单位) is a fact of the registry, which hands projects and policies over when units change. It stands
-- in columns of its own, which only the projection of the registry moves on: they win over what the body was written
-- with, and no command writes them after the first insert. What was handed in, confirmed and accepted keeps who did it.
create function evaluation.owned(body jsonb, unit text, unit_title text) returns jsonb
language sql immutable parallel safe as $$
  select jsonb_set(body, '{object}', body -> 'object' || jsonb_build_object('unit', unit, 'unit_title', unit_title))
$$;

alter table evaluation.self_evaluations
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.self_evaluations
  alter column unit drop expression,
  alter column unit_title drop expression;
alter table evaluation.self_evaluations
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
create index self_evaluations_of_unit on evaluation.self_evaluations (district, unit_code text_pattern_ops, id);
create index self_evaluations_of_subject on evaluation.self_evaluations (district, subject);

alter table evaluation.findings
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.findings
  alter column unit drop expression,
  alter column unit_title drop expression;
alter table evaluation.findings
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
create index findings_of_subject on evaluation.findings (district, subject);
create index findings_of_rectification on evaluation.findings (district, rectification) where rectification <> '';

alter table evaluation.rectifications
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{unit}') stored;
alter table evaluation.rectifications alter column unit drop expression;
alter table evaluation.rectifications
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
create index rectifications_open on evaluation.rectifications (district, unit) where state <> 'accepted';
