import type { LanguageModelV3Message, LanguageModelV3Prompt } from '@ai-sdk/provider';

import { AttemptFailed } from '../resilience/failure';
import type { ChatItem } from './llama-module';

export interface LocalPrompt {
  readonly history: readonly ChatItem[];
  /** What the model is to answer. */
  readonly last: string;
}

/** A prompt as a chat of plain texts, which is what a local model reads. */
export function toLocalPrompt(prompt: LanguageModelV3Prompt): LocalPrompt {
  const items = prompt.map(toItem);
  const end = items.at(-1);
  return end?.type === 'user' ? { history: items.slice(0, -1), last: end.text } : { history: items, last: '' };
}

function toItem(message: LanguageModelV3Message): ChatItem {
  if (message.role === 'system') return { type: 'system', text: message.content };
  const text = message.content.map(textOf).filter(Boolean).join('\n');
  return message.role === 'assistant' ? { type: 'model', response: [text] } : { type: 'user', text };
}

function textOf(part: Exclude<LanguageModelV3Message['content'], string>[number]): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'tool-call':
      return `${part.toolName}(${JSON.stringify(part.input)})`;
    case 'tool-result':
      return `${part.toolName}: ${JSON.stringify(part.output)}`;
    case 'file':
      throw new AttemptFailed('bad_request', { hint: 'local models read text only, no images or files' });
    default:
      return '';
  }
}
