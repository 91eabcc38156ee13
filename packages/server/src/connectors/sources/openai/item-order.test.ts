import { describe, expect, it } from 'vitest';
import { ItemOrder } from './item-order.ts';

/** `b<a`: b names a as the item before it; `a<`: nothing precedes it; `-a`: deleted; `a`: seen. */
function orderOf(steps: string): string {
  const order = new ItemOrder();
  for (const step of steps.split(' ')) {
    const [id = '', previous] = step.split('<');
    if (step === '|') order.startSession();
    else if (step.startsWith('-')) order.delete(step.slice(1));
    else if (previous === undefined) order.see(id);
    else order.place(id, previous === '' ? null : previous);
  }
  return order.ids().join(' ');
}

describe('the order of items', () => {
  it.each([
    ['follows the chain', 'a< b<a c<b', 'a b c'],
    ['follows the chain if items come out of order', 'c<b a< d<c b<a', 'a b c d'],
    ['inserts a later item after the one that it names', 'a< b<a c<a', 'a c b'],
    ['puts an item without a predecessor first', 'a< b<a c<', 'c a b'],
    ['ignores what later events of an item name', 'a< b<a b< c<b', 'a b c'],
    ['follows the order of mention without a chain', 'a b c', 'a b c'],
    ['takes a missing predecessor for the item mentioned before', 'a< c<b d<c', 'a c d'],
    ['takes a missing beginning for none', 'b<a c<b', 'b c'],
    ['puts an item without a place after the one mentioned before', 'a< b c<a', 'a c b'],
    ['counts the first mention, not the event that places an item', 'a< b c b<a c<b', 'a b c'],
    ['inserts after deleted items', 'a< b<a -b c<a', 'a b c'],
    ['adds to the end if all items are deleted', 'a< b<a -a -b c<', 'a b c'],
    ['begins anew with a session', 'a< b<a | c< d<c', 'a b c d'],
    ['ends for items that name each other', 'a< b<c c<b', 'a b c'],
    ['ends for an item that names itself', 'a<a b<a', 'a b'],
  ])('%s', (_, steps, expected) => {
    expect(orderOf(steps)).toBe(expected);
  });

  it('follows a chain of many items that come in reverse', () => {
    const order = new ItemOrder();
    for (let n = 20_000; n > 0; n--) order.place(`i${n}`, n === 1 ? null : `i${n - 1}`);
    expect(order.ids().slice(0, 2)).toEqual(['i1', 'i2']);
  });
});
