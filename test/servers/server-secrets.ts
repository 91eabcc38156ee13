// Apart from server.ts, so that a test which starts a server process does not load the whole server too.
export const ADMIN_KEY = 'test-bootstrap-key-0123456789abcdef';
export const SECRET = 'test-secret-0123456789abcdef0123456789';
