import { errorCodes } from 'fastify';
import { describe, expect, it } from 'vitest';
import { CLIENT_FAULTS, OUR_FAULTS } from './framework-errors.ts';

describe('the tables of framework errors', () => {
  const decided = [...Object.keys(CLIENT_FAULTS), ...OUR_FAULTS];

  it('the tables contain each error code of the installed Fastify', () => {
    expect(decided.toSorted()).toEqual(Object.keys(errorCodes).toSorted());
  });

  it('errors that Fastify answers below 500 are faults of the client, except errors of the set-up', () => {
    // Errors of the set-up have a status below 500, but no request causes them.
    const ofSetUp = ['FST_ERR_CTP_INSTANCE_ALREADY_STARTED', 'FST_ERR_INVALID_URL'];
    const ofClients = Object.entries(errorCodes).filter(([, type]) => {
      const status = new type().statusCode ?? 500;
      return status < 500;
    });
    expect(ofClients.map(([code]) => code).filter((code) => OUR_FAULTS.has(code))).toEqual(ofSetUp);
  });
});
