-- Whether the address of a user is known to be theirs: an admin of the installation made the user, or a
-- provider of single sign-on vouched for it. An invitation proves nothing, since whoever invites has the
-- link too. Those that are there already count as proven.
ALTER TABLE users ADD COLUMN is_email_proven boolean NOT NULL DEFAULT true;
ALTER TABLE users ALTER COLUMN is_email_proven DROP DEFAULT;
