import type { z } from 'zod';

import { concerns } from './concerns';

/** The text of `.env.example`: every setting with its meaning and default, in the order of the concerns. */
export function envExample(): string {
  const sections = Object.entries(concerns).map(([name, concern]) => {
    const lines = Object.entries(concern.shape).map(([key, schema]) => {
      const description = (schema as z.ZodType).description ?? '';
      return `# ${description}\n# ${key}=${defaultText(schema as z.ZodType)}`;
    });
    return `## ${name}\n\n${lines.join('\n')}`;
  });
  return `# Every setting is optional. Copy the lines you change into .env or the environment.\n\n${sections.join('\n\n')}\n`;
}

function defaultText(schema: z.ZodType): string {
  const parsed = schema.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return '';
  return Array.isArray(parsed.data) ? parsed.data.join(',') : String(parsed.data);
}
