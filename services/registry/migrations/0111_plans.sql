-- What is overdue and who was not trained (逾期任务与未参训单位).
create index work_plans_state on work_plans (district, state, id);
create index training_sessions_year on training_sessions (district, work_year, id);
