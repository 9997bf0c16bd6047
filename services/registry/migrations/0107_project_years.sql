-- Money over the years (跨年度预算): amounts as documents print them, and how many entries of a line only bound the truth.

alter table budget_entries add column printed jsonb;

alter table budget_lines
  add column at_least integer not null default 0 check (at_least >= 0),
  add column at_most  integer not null default 0 check (at_most >= 0);
