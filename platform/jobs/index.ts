export type { Cron, CronEntry, Job, JobContext, JobHandler, JobQueue, JobStatus, NewJob, WorkOptions } from './types';
export { createJobQueue, type JobQueueOptions } from './job-queue';
export { createCron, nextRun, type CronOptions } from './cron';
export { startWakeLoop, type WakeLoop } from './wake-loop';
