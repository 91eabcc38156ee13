import type { FastifyInstance } from 'fastify';

/** The API's description for people and programs. */
export async function addDocuments(_app: FastifyInstance): Promise<void> {}
