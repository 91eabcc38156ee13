-- Jobs of a minute find their businesses without reading the others.
CREATE INDEX erasures_running ON erasures (business_id) WHERE status = 'Running';
CREATE INDEX businesses_with_redaction ON businesses (business_id) WHERE redaction IS NOT NULL;
CREATE INDEX businesses_with_retention ON businesses (business_id) WHERE retention_plan > 0;
