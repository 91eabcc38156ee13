import { type Code, type Op, ops, REASONS } from '@colloquy/wire';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { createAjv } from '../../packages/server/src/http/input/validate.ts';
import type { SentAnswer } from '../../packages/server/src/http/observe-answers.ts';
import { reasonsOf } from '../../packages/server/src/http/openapi/op-facts.ts';

const ajv = createAjv();
const declared: Readonly<Record<string, Op>> = Object.fromEntries(
  Object.values<Op>(ops).map((op) => [op.name, op]),
);
const checks = new Map<string, ValidateFunction>();

/** Compares an answer with the contract: the difference, or null. */
export function problemOf(answer: SentAnswer): string | null {
  const problem = findProblem(answer);
  return problem && `${answer.op} answered ${answer.status} with ${problem}`;
}

function findProblem({ op: name, method, status, contentType, body }: SentAnswer): string | null {
  const op = declared[name];
  if (status >= 400) {
    if (!op && !contentType.startsWith('application/json')) return null;
    return failureProblem(op, name, status, body);
  }
  if (!op || method === 'HEAD') return null;
  if (status === 304) return op.isTagged ? null : 'a 304, but it has no ETag';
  if (status === 204) return op.eventStream ? null : 'a 204, but it is no stream';
  if (!op.statuses.some((one) => one === status)) return 'a status that is not declared';
  if (op.download !== undefined) {
    return contentType === op.download ? null : `${contentType} instead of ${op.download}`;
  }
  if (!contentType.startsWith('application/json')) return `the type ${contentType}`;
  return dataProblem(op, JSON.parse(body.toString()));
}

function dataProblem(op: Op, json: Record<string, unknown>): string | null {
  const { Success, Data, ...rest } = json;
  if (Success !== true || Object.keys(rest).length > 0) return 'an envelope of another shape';
  const known = checks.get(op.name);
  const check = known ?? ajv.compile(op.output);
  checks.set(op.name, check);
  if (check(Data)) return null;
  const [error] = check.errors ?? [];
  return `Data${error?.instancePath} that ${error?.message} (${JSON.stringify(error?.params)})`;
}

function failureProblem(
  op: Op | undefined,
  name: string,
  status: number,
  body: Buffer,
): string | null {
  if (body.length === 0) return op ? 'a failure without a body' : null;
  const { Success, Code, Message, ...rest } = JSON.parse(body.toString());
  if (Success !== false || Object.keys(rest).length > 0) return 'an envelope of another shape';
  if (typeof Message !== 'string' || Message === '') return 'no message';
  const [operation, reason] = String(Code).split(':') as [string, Code];
  if (operation !== name) return `the code ${Code} of another operation`;
  if (REASONS[reason]?.status !== status) return `the code ${Code}, which has another status`;
  // Every path answers METHOD_NOT_ALLOWED to the methods without an operation.
  const isDeclared = !op || reasonsOf(op).includes(reason);
  return isDeclared ? null : `the code ${Code}, which the operation does not declare`;
}
