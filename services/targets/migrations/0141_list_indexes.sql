-- Lists and counts of one unit, of one department, and of all below one.
create index objective_unit_code on targets.objectives (district, unit_code text_pattern_ops, id);
create index objective_department on targets.objectives (district, department_id, id);
