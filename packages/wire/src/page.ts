import Type, { type TSchema } from 'typebox';
import { limit, maybe, nullable } from './types.ts';

export const Cursor = Type.String({ maxLength: 8192, description: 'As a page gave it' });

/** What every list with a filter is asked with, beside the filter. */
export const pageKeys = {
  Limit: maybe(limit(10)),
  NextCursor: maybe(Cursor),
  PreviousCursor: maybe(Cursor),
};

/** A page of a list: the items, and how to get to the pages around it. */
export const page = <Item extends TSchema>(item: Item, title: string) =>
  Type.Object(
    {
      Items: Type.Array(item),
      NextCursor: nullable(Type.String()),
      PreviousCursor: nullable(Type.String()),
      HasNextPage: Type.Boolean(),
      HasPreviousPage: Type.Boolean(),
      PageSize: Type.Integer(),
      TotalCount: Type.Integer({ description: 'The exact number that matches the filter now' }),
    },
    { title },
  );

/** A page of a list that only goes forward. */
export const collection = <Item extends TSchema>(item: Item) =>
  Type.Object({ Items: Type.Array(item), NextCursor: nullable(Type.String()) });

/** The query of such a list. */
export const collectionKeys = {
  Limit: Type.Optional(limit(50)),
  NextCursor: Type.Optional(Cursor),
};
