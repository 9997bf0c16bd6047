-- What happened to each project over the years (项目大事记), kept of the event feeds of all services. Feeds are read apart
-- from each other, so an entry names what it hangs on, and what leads from there to the project may come later: nothing
-- here refers to anything else.

create table project_timeline (
  district    integer     not null,
  feed        text        collate "C" not null,
  sequence    bigint      not null,
  part        integer     not null,
  subject     text        collate "C" not null,
  entry_date  date        not null,
  occur_time  timestamptz not null,
  fiscal_year integer,
  kind        text        not null check (kind in ('project', 'budget', 'objective', 'review', 'payment', 'monitoring',
    'alert', 'measure', 'evaluation', 'finding', 'budget_decision', 'disclosure')),
  summary     text        not null,
  resource    text        not null,
  amount      numeric(20,2),
  grade       text        check (grade in ('excellent', 'good', 'fair', 'poor')),
  light       text        not null,
  primary key (district, feed, sequence, part)
);
create index project_timeline_subject on project_timeline (district, subject, entry_date, occur_time);
select protect('registry.project_timeline');

-- What an object hangs on: an objective on its project, a disclosure decision on what it discloses.
create table timeline_links (
  district integer not null,
  resource text    collate "C" not null,
  parent   text    collate "C" not null,
  primary key (district, resource)
);
create index timeline_links_parent on timeline_links (district, parent, resource);
select protect('registry.timeline_links');

-- What was paid, by month, account and source (empty when payments do not say): sums, not one row for each payment.
-- `sequence` is the last event in it, so that none counts twice.
create table project_payments (
  district       integer       not null,
  project        text          collate "C" not null,
  fiscal_year    integer       not null,
  month          integer       not null check (month between 1 and 12),
  budget_account text          not null,
  funding_source text          not null,
  amount         numeric(20,2) not null,
  sequence       bigint        not null,
  primary key (district, project, fiscal_year, month, budget_account, funding_source)
);
select protect('registry.project_payments');
