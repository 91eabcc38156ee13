import { answerChecks } from '../../ui/forms/check-worker.ts';
import { checkNumbers } from './number-check.ts';

answerChecks(checkNumbers);
