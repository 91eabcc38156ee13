import { errorCodes } from 'fastify';
import { describe, expect, it } from 'vitest';
import { CLIENT_FAULTS } from './framework-errors.ts';

describe('the table of framework errors', () => {
  it('the table contains only error codes of the installed Fastify', () => {
    expect(Object.keys(CLIENT_FAULTS).filter((code) => !(code in errorCodes))).toEqual([]);
  });

  it('errors that Fastify answers below 500 are faults of the client, except errors of the set-up', () => {
    // Errors of the set-up have a status below 500, but no request causes them.
    const ofSetUp = ['FST_ERR_CTP_INSTANCE_ALREADY_STARTED', 'FST_ERR_INVALID_URL'];
    const below500 = Object.entries(errorCodes).filter(([, type]) => {
      const status = new type().statusCode ?? 500;
      return status < 500;
    });
    const codes = below500.map(([code]) => code);
    expect(codes.filter((code) => !(code in CLIENT_FAULTS))).toEqual(ofSetUp);
  });
});
