-- The other objects whose open ones a unit works on follow in the same way (see 0107): ex-ante evaluations until they are
-- concluded, key evaluations until they are fixed or cancelled, budget decisions until they are arranged, sunset reviews
-- until they are decided.

alter table evaluation.ex_ante_evaluations
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.ex_ante_evaluations
  alter column unit drop expression,
  alter column unit_title drop expression;
alter table evaluation.ex_ante_evaluations
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
create index ex_ante_evaluations_of_subject on evaluation.ex_ante_evaluations (district, subject);

alter table evaluation.key_evaluations
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.key_evaluations
  alter column unit drop expression,
  alter column unit_title drop expression;
alter table evaluation.key_evaluations
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
create index key_evaluations_of_subject on evaluation.key_evaluations (district, subject);

alter table evaluation.budget_decisions
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.budget_decisions
  alter column unit drop expression,
  alter column unit_title drop expression;
alter table evaluation.budget_decisions
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
create index budget_decisions_of_subject on evaluation.budget_decisions (district, subject);

alter table evaluation.sunset_reviews
  drop column unit_code,
  add column unit text not null generated always as (body #>> '{object,unit}') stored,
  add column unit_title text not null generated always as (body #>> '{object,unit_title}') stored;
alter table evaluation.sunset_reviews
  alter column unit drop expression,
  alter column unit_title drop expression;
alter table evaluation.sunset_reviews
  add column unit_code text not null generated always as (split_part(unit, '/', 4)) stored;
