import { z } from 'zod';

import type { SettingsService } from '../settings.service';

import { defineTool, type AnyTool } from './tool';

export const rememberTool = (settings: Pick<SettingsService, 'remember'>): AnyTool =>
  defineTool({
    name: 'remember',
    description: 'Keeps a note about this person for later sessions; they can read and delete it.',
    schema: z.strictObject({ content: z.string().trim().min(1).max(2_000) }),
    // A note under the key of its call can be written again without becoming two.
    effect: 'read',
    async run({ content }, { caller, runId, idempotencyKey }) {
      await settings.remember(caller, { id: `mem-${idempotencyKey}`, content, runId });
      return { output: { remembered: content }, summary: `I will remember: ${content}` };
    },
  });
