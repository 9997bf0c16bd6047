-- What lists filter by, each with the key that they go on by, so that a page reads little more than itself. Codes are
-- compared by their digits (collation C): a branch is a range of them, and a range is found by an index where a function
-- of the column is not, because row-level security lets only such comparisons into an index.
create index reports_code on monitoring.reports (district, round_id, agency_code collate "C");
create index alerts_year on monitoring.alerts (district, fiscal_year, alert_id);
create index alerts_state on monitoring.alerts (district, state, alert_id);
create index alerts_department on monitoring.alerts (district, department_id, alert_id);
create index alerts_round on monitoring.alerts (district, round_id, alert_id);
create index alerts_code on monitoring.alerts (district, agency_code collate "C", alert_id);
create index measures_year on monitoring.measures (district, fiscal_year, measure_id);
create index measures_state on monitoring.measures (district, state, measure_id);
create index measures_kind on monitoring.measures (district, kind, measure_id);
create index measures_department on monitoring.measures (district, department_id, measure_id);
create index measures_code on monitoring.measures (district, agency_code collate "C", measure_id);
create index block_overrides_year on monitoring.block_overrides (district, fiscal_year, override_id);

-- For the same reason what statements look for stands in columns and not in the body alone. Days are stored as text that
-- sorts as they do.
alter table monitoring.alerts add column deadline text generated always as (body->>'deadline') stored;
drop index monitoring.alerts_waiting;
create index alerts_waiting on monitoring.alerts (district, deadline, alert_id)
  where state in ('open', 'acknowledged') and coalesce(body->>'unanswered_measure', '') = '';
alter table monitoring.measures
  add column origin_round text generated always as (body->'origin'->>'round') stored;
create index measures_origin on monitoring.measures (district, origin_round);
