export type { Cron, CronEntry, Job, JobContext, JobHandler, JobQueue, JobStatus, NewJob, WorkOptions } from './types';
export { startWakeLoop, type WakeLoop } from './wake-loop';
