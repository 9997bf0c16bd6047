-- Marks of goals (目标文字指纹): which objectives may read alike is found by them, without reading every goal.

-- Marks of a text: the 12 smallest hashes of its runs of four characters, figures and punctuation left out, and one of
-- the whole. Texts of which nine tenths are the same share most of them; equal ones all. A text shorter than 12
-- characters has none: it says too little to be copied.
create function targets.marks_of(goal text) returns bigint[] language sql immutable parallel safe strict as $$
  with plain as (
    select translate(lower(goal), E' \t\r\n　0123456789０１２３４５６７８９%％.,;:!?()[]<>=-+*/"''，。；：、！？（）〔〕【】《》“”‘’—…·≥≤＞＜＝～', '') as text
  ), hashes as (
    select distinct ('x' || substr(md5(substr(text, n, 4)), 1, 15))::bit(60)::bigint as hash
    from plain, generate_series(1, length(text) - 3) as n
    where length(text) >= 12
  )
  select array(select hash from hashes order by hash limit 12)
    || array(select ('x' || substr(md5('=' || text), 1, 15))::bit(60)::bigint from plain where length(text) >= 12)
$$;

create table targets.goal_marks (
  district     integer not null,
  fiscal_year  integer not null,
  mark         bigint  not null,
  objective_id text    not null,
  -- Finds the objectives of a mark, in a fixed order.
  primary key (district, fiscal_year, mark, objective_id),
  foreign key (district, objective_id) references targets.objectives (district, id) on delete cascade
);
-- Finds the marks of an objective, to replace them.
create index goal_mark_objective on targets.goal_marks (district, objective_id);

-- Objectives that are there already get theirs. Their owner is under the tenants' rules like everybody else; this once,
-- inside this transaction, it reads all of them.
alter table targets.objectives no force row level security;
insert into targets.goal_marks (district, fiscal_year, mark, objective_id)
select distinct o.district, o.fiscal_year, m.mark, o.id
from targets.objectives o cross join unnest(targets.marks_of(o.form ->> 'annual_goal')) as m(mark);
alter table targets.objectives force row level security;
select targets.protect('targets.goal_marks');

-- However a form comes to be stored, its marks come with it.
create function targets.keep_goal_marks() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    delete from targets.goal_marks g where g.district = new.district and g.objective_id = new.id;
  end if;
  insert into targets.goal_marks (district, fiscal_year, mark, objective_id)
  select distinct new.district, new.fiscal_year, m.mark, new.id
  from unnest(targets.marks_of(new.form ->> 'annual_goal')) as m(mark);
  return null;
end $$;
create trigger goal_marks_on_insert after insert on targets.objectives
  for each row execute function targets.keep_goal_marks();
create trigger goal_marks_on_change after update of form on targets.objectives
  for each row when (old.form ->> 'annual_goal' is distinct from new.form ->> 'annual_goal')
  execute function targets.keep_goal_marks();
