-- Objectives (绩效目标): the form as it stands, where it stands, and everything that decisions depend on.
create table targets.objectives (
  district              integer       not null,
  id                    text          not null,
  subject_kind          text          not null check (subject_kind in ('project', 'policy', 'whole_department')),
  subject_id            text          not null,
  fiscal_year           integer       not null,
  work_year             integer       not null,
  filing_kind           text          not null check (filing_kind in ('annual', 'mid_year')),
  display_name          text          not null,
  unit_id               text          not null,
  unit_code             text          not null,
  department_id         text          not null,
  department_code       text          not null,
  account               text,
  secrecy               text          not null,
  form                  jsonb         not null,
  state                 text          not null,
  submitted_version     integer       not null check (submitted_version >= 0),
  ratified_version      integer       not null check (ratified_version between 0 and submitted_version),
  grade                 text,
  return_count          integer       not null check (return_count >= 0),
  open_remarks          jsonb         not null,
  ratified_amount       numeric(20,2) check (ratified_amount >= 0),
  ratification_document text          not null,
  submitter             text          not null,
  submit_time           timestamptz,
  ratify_time           timestamptz,
  create_time           timestamptz   not null,
  update_time           timestamptz   not null,
  version               bigint        not null check (version > 0),
  primary key (district, id),
  -- One form per subject, year and filing kind; also finds the forms of a subject.
  constraint objective_subject unique (district, subject_kind, subject_id, fiscal_year, filing_kind),
  -- What is ratified has a version and an amount.
  check ((ratified_version = 0) = (ratified_amount is null)),
  check (subject_kind <> 'project' or account is not null)
);
create index objective_year on targets.objectives (district, fiscal_year, id);
create index objective_unit on targets.objectives (district, unit_id, id);
select targets.protect('targets.objectives');

-- Submissions: each form as it was submitted, never changed.
create table targets.objective_versions (
  district     integer     not null,
  objective_id text        not null,
  number       integer     not null check (number > 0),
  kind         text        not null,
  form         jsonb       not null,
  content_hash text        not null,
  submitter    text        not null,
  submit_time  timestamptz not null,
  rule_set     text        not null,
  primary key (district, objective_id, number),
  foreign key (district, objective_id) references targets.objectives (district, id)
);
select targets.protect('targets.objective_versions');

-- Decisions on submissions, each beside the ones before it. `number` is the objective's version after the decision.
create table targets.objective_decisions (
  district          integer       not null,
  objective_id      text          not null,
  number            bigint        not null,
  objective_version integer       not null,
  kind              text          not null,
  from_state        text          not null,
  to_state          text          not null,
  grade             text,
  recommended_grade text,
  reason            text          not null,
  remarks           jsonb         not null,
  decider           text          not null,
  decide_time       timestamptz   not null,
  ratified_amount   numeric(20,2),
  primary key (district, objective_id, number),
  foreign key (district, objective_id) references targets.objectives (district, id)
);
create index decision_version on targets.objective_decisions (district, objective_id, objective_version, number);
select targets.protect('targets.objective_decisions');
