-- targets: each ratified version of an objective (批复版本), whole and unchanged. A self-evaluation takes goal, indicators and
-- weights from the one in force at the end of its year.
create table evaluation.objective_versions (
  district  integer not null,
  objective text    not null,
  number    integer not null check (number > 0),
  body      jsonb   not null,
  primary key (district, objective, number)
);
select evaluation.protect('evaluation.objective_versions');

-- What was ratified so far is in the feed of targets: it is read again from its beginning. What else is kept of it is
-- kept by name, so that reading it twice changes nothing. Row rules bind the owner too, who has no district.
alter table evaluation.feed_cursors no force row level security;
delete from evaluation.feed_cursors where feed = 'targets';
alter table evaluation.feed_cursors force row level security;
