-- A business can run one preview at a time. Earlier releases could start two concurrently.
DELETE FROM erasure_previews p
WHERE p.completed_at IS NULL AND EXISTS (
  SELECT FROM erasure_previews o
  WHERE o.business_id = p.business_id AND o.completed_at IS NULL
    AND (o.requested_at, o.id) > (p.requested_at, p.id)
);
CREATE UNIQUE INDEX erasure_previews_running ON erasure_previews (business_id)
  WHERE completed_at IS NULL;
