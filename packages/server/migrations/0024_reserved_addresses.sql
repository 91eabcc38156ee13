-- Nobody can sign in as admin@localhost: the first admin chooses an address with the first password. Earlier
-- servers let a provider's account of that name in, so what it left behind goes.
DELETE FROM sessions WHERE user_id IN (SELECT user_id FROM users WHERE lower(email) = 'admin@localhost');
DELETE FROM accounts WHERE user_id IN (SELECT user_id FROM users WHERE lower(email) = 'admin@localhost');
