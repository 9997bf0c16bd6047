-- What this service keeps of other services' events (投影). Later states replace earlier ones.

-- registry: units, projects and policies as subjects that are evaluated.
create table evaluation.units (
  district integer not null,
  name     text    not null,
  title    text    not null,
  kind     text    not null,
  -- The body that is counted: a department for its own unit (本级), else the unit itself.
  counted_as text  not null,
  primary key (district, name)
);
select evaluation.protect('evaluation.units');

create table evaluation.subjects (
  district       integer not null,
  name           text    not null,
  kind           text    not null check (kind in ('project', 'policy')),
  title          text    not null,
  unit           text    not null,
  budget_account text,
  secrecy        text,
  expiry_date    date,
  term_years     integer not null,
  primary key (district, name)
);
select evaluation.protect('evaluation.subjects');
create index subjects_expiring on evaluation.subjects (district, expiry_date, name) where kind = 'policy';

create table evaluation.rule_sets (
  district integer not null,
  name     text    not null,
  body     jsonb   not null,
  primary key (district, name)
);
select evaluation.protect('evaluation.rule_sets');

create table evaluation.engagements (
  district    integer not null,
  name        text    not null,
  participant text    not null,
  principal   text    not null,
  may_sign    boolean not null,
  work_year   integer not null,
  primary key (district, name)
);
select evaluation.protect('evaluation.engagements');
create index engagements_of_participant on evaluation.engagements (district, participant);

create table evaluation.people (
  district integer not null,
  name     text    not null,
  title    text    not null,
  employer text    not null,
  primary key (district, name)
);
select evaluation.protect('evaluation.people');

-- targets: ratified objectives, the denominator of coverage.
create table evaluation.objectives (
  district    integer        not null,
  name        text           not null,
  fiscal_year integer        not null,
  subject     text           not null,
  unit        text           not null,
  amount      numeric(20, 2) not null check (amount >= 0),
  primary key (district, name)
);
select evaluation.protect('evaluation.objectives');
create index objectives_of_year on evaluation.objectives (district, fiscal_year);

-- monitoring: measures in force, which hints rest on.
create table evaluation.measures (
  district    integer not null,
  name        text    not null,
  subject     text    not null,
  fiscal_year integer not null,
  kind        text    not null,
  in_force    boolean not null,
  primary key (district, name)
);
select evaluation.protect('evaluation.measures');
