/** What the first start prints: the key, and lines to try it with. */
export function welcome(url: string, key: string, demo: boolean): string {
  return [
    '',
    'Your admin API key. It is shown this once and kept only as a hash:',
    '',
    `  export COLLOQUY_KEY=${key}`,
    '',
    ...(demo ? ['Business 12345 holds sample calls. Try:', '', ...curlLines(url, key), ''] : []),
    `The API's reference: ${url}/docs`,
    '',
  ].join('\n');
}

/** The requests of the README's first screen. */
export function curlLines(url: string, key: string): string[] {
  const api = `${url}/api/v1/business/12345`;
  const token = `-H "Authorization: Token ${key}"`;
  const json = '-H "Content-Type: application/json"';
  return [
    `  curl -s ${token} ${json} -d '{"Limit": 3}' ${api}/conversations`,
    `  curl -s ${token} ${json} -d '{"Filter": {"SessionStates": ["Active"]}}' ${api}/conversations`,
    `  curl -s ${token} ${api}/conversations/session_abc123`,
    `  curl -s ${token} ${api}/queues/outbound/queue_xyz789`,
  ];
}
