import type { Topic } from '#platform/events';

/** The log behind `trainingProgress`. */
export const jobTopic = (tenantId: string, jobId: string): Topic => ({ tenantId, name: `training:${jobId}` });

export const mlEvents = { progress: 'training.progress', ended: 'training.ended', modelRegistered: 'ml.model.registered' } as const;
