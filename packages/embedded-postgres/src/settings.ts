/** In postgresql.conf, so `ALTER SYSTEM` can change them. Memory is allocated on use. */
export const initialSettings: Readonly<Record<string, string>> = {
  max_connections: '100',
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '128MB',
  huge_pages: 'off',
  random_page_cost: '1.1',
  effective_io_concurrency: '64',
  wal_compression: 'pglz',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  jit: 'off',
};

/** Required, so passed at each start, which overrides all files. */
export function fixedSettings(socketFolder: string): Readonly<Record<string, string>> {
  return {
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_timezone: 'UTC',
    log_line_prefix: '%b|%e|',
    lc_messages: 'C',
    // Keeps statements, parameters and values out of the log.
    log_min_error_statement: 'panic',
    log_min_duration_statement: '-1',
    log_statement: 'none',
    log_error_verbosity: 'terse',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
}

/** No TCP port: part of the socket's file name. */
export const SOCKET_PORT = 5432;
