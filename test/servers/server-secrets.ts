// Not in test-server.ts, so tests that start a server process do not load the whole server.
export const ADMIN_KEY = 'test-bootstrap-key-0123456789abcdef';
export const SECRET = 'test-secret-0123456789abcdef0123456789';
