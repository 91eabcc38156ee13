import { createClient } from '@colloquy/sdk';
import { compareInRounds, type Measured, medianOf, ratioOf, summarize } from './measured.ts';
import type { BenchSetup } from './setup.ts';
import type { Result } from './table.ts';

const ATTEMPTS = 2;

/** A failed sign-in with an unknown address takes as long as with a known one. */
export async function measureSignIn({ api, options, say, server }: BenchSetup): Promise<Result[]> {
  say('sign-in: unknown addresses beside wrong passwords');
  const stranger = createClient({ baseUrl: server.url, retries: 0 });
  let made = 0;
  const attempt = async (newEmail: () => Promise<string>): Promise<Measured> => {
    const times: number[] = [];
    for (let count = 0; count < ATTEMPTS; count += 1) {
      const Email = await newEmail();
      const begin = performance.now();
      await stranger.signIn({ Email, Password: 'a wrong password' }).catch(() => undefined);
      times.push(performance.now() - begin);
    }
    return summarize(times, 1);
  };
  const newEmail = (kind: string) => {
    made += 1;
    return `${kind}-${made}@example.com`;
  };
  const unknown = async () => newEmail('unknown');
  // A new user for each attempt: repeated failures of one address are delayed.
  const known = async () => {
    const Email = newEmail('known');
    await api.createUser({ Email, Name: 'Known' });
    return Email;
  };
  const compared = await compareInRounds(
    options.quick ? 5 : 15,
    () => attempt(unknown),
    () => attempt(known),
  );
  const [ours, theirs] = [medianOf(compared.ours, 'p50'), medianOf(compared.theirs, 'p50')];
  return [
    {
      work: 'A sign-in with an unknown address fails',
      comparedWith: 'a wrong password of a known address',
      measured: `p50 ${ours.toFixed(1)} : ${theirs.toFixed(1)} ms`,
      ratio: ratioOf(compared, 'p50'),
      limit: { atLeast: 0.5 },
    },
  ];
}
