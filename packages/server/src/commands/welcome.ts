export function welcome(url: string, key: string | null, signInUrl: string | null, demo: boolean) {
  return [
    '',
    ...(signInUrl === null ? [] : signInLines(signInUrl)),
    ...(key === null ? [] : keyLines(url, key, demo)),
  ].join('\n');
}

function signInLines(signInUrl: string): string[] {
  return ['Sign in as the first admin. The link works once:', '', `  ${signInUrl}`, ''];
}

function keyLines(url: string, key: string, demo: boolean): string[] {
  return [
    'Your admin API key. It is shown this once and kept only as a hash:',
    '',
    `  export COLLOQUY_KEY=${key}`,
    '',
    ...(demo ? ['Business 12345 holds sample calls. Try:', '', ...curlLines(url, key), ''] : []),
    `The guide: ${url}/docs/guide/`,
    `The reference of the API: ${url}/docs`,
    '',
  ];
}

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
