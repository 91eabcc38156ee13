import type { OutputOf } from '@colloquy/wire';
import type { Context } from '../../context.ts';
import { formatInstant } from '../../kernel/instant.ts';
import { readAscending } from '../../kernel/page.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { Handlers } from '../authorization/call.ts';
import { listUsers, type User } from '../store.ts';
import { changeUser, createUser } from './users.ts';

export function userHandlers(
  ctx: Pick<Context, 'db' | 'clock' | 'secrets'>,
  authorizer: Authorizer,
): Handlers<'CreateUser' | 'UpdateUser' | 'ListUsers'> {
  return {
    async CreateUser({ body }) {
      const { Email: email, Name: name } = body;
      const user = await createUser(ctx, { email, name, isAdmin: body.IsAdmin ?? false });
      return { status: 201, data: userJson(user) };
    },
    async UpdateUser({ params, body }) {
      const user = await changeUser(authorizer, params.userId, {
        name: body.Name ?? null,
        isDisabled: body.IsDisabled ?? null,
        isAdmin: body.IsAdmin ?? null,
      });
      return { data: userJson(user) };
    },
    ListUsers: ({ query }) =>
      readAscending(ctx, 'ListUsers', query, {
        first: '',
        read: (after, limit) => listUsers(ctx.db, after, limit),
        keyOf: ({ userId }) => userId,
        toWire: userJson,
      }),
  };
}

function userJson(user: User): OutputOf<'CreateUser'> {
  return {
    UserId: user.userId,
    Email: user.email,
    Name: user.name,
    IsAdmin: user.isAdmin,
    IsDisabled: user.isDisabled,
    CreatedAt: formatInstant(user.createdAt),
  };
}
