-- Whether the user's address is verified: an installation admin created the user, or a single sign-on
-- provider vouched for it. An invitation proves nothing, because the inviter has the link too. Existing
-- addresses count as verified.
ALTER TABLE users ADD COLUMN is_email_proven boolean NOT NULL DEFAULT true;
ALTER TABLE users ALTER COLUMN is_email_proven DROP DEFAULT;
