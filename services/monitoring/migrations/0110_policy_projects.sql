-- Projects that carry a policy out: its money is theirs.
create table monitoring.policy_projects (
  district   integer not null,
  policy_id  text    not null,
  project_id text    not null,
  primary key (district, policy_id, project_id)
);
select protect('monitoring.policy_projects');
