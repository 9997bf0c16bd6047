-- Alerts that wait for their unit, by their last day. Days are stored as text that sorts as they do.
create index alerts_waiting on monitoring.alerts (district, (body->>'deadline'), alert_id)
  where state in ('open', 'acknowledged') and coalesce(body->>'unanswered_measure', '') = '';

-- Projects of one kind: what a forecast learns from.
create index projects_kind
  on monitoring.projects (district, account, local_project_type, capital_works, project_id);

-- Payments that name another one: few, so that the others cost the index nothing.
create index payments_original on monitoring.payments (district, fiscal_year, original_id)
  where original_id <> '';
