-- The address admin@localhost cannot sign in: the first admin chooses an address with the first password.
-- Earlier servers accepted a provider's account of that name; its data is deleted.
DELETE FROM sessions WHERE user_id IN (SELECT user_id FROM users WHERE lower(email) = 'admin@localhost');
DELETE FROM accounts WHERE user_id IN (SELECT user_id FROM users WHERE lower(email) = 'admin@localhost');
