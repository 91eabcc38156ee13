import { answerChecks } from '../ui/check-worker.ts';
import { checkNumbers } from './number-check.ts';

answerChecks(checkNumbers);
