import type {
  JSONSchema7,
  LanguageModelV3CallOptions,
  LanguageModelV3FilePart,
  LanguageModelV3FunctionTool,
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV3TextPart,
} from '@ai-sdk/provider';

import { errors } from '#platform/errors';

import { schemaProblem } from '../router/output-check';
import type { ChatRequest } from './chat-request';

type Message = ChatRequest['messages'][number];

const invalid = (field: string, hint: string): Error => errors.INVALID_REQUEST({ what: field, hint }, { field });

/** A chat request as the AI SDK's models take it. */
export function toCallOptions(request: ChatRequest, signal?: AbortSignal): LanguageModelV3CallOptions {
  const maxOutputTokens = request.max_completion_tokens ?? request.max_tokens ?? undefined;
  const tools = request.tools?.map((tool, index) => toTool(tool, `tools[${index}].function.parameters`));
  const openai = {
    ...(request.reasoning_effort ? { reasoningEffort: request.reasoning_effort } : {}),
    ...(request.parallel_tool_calls == null ? {} : { parallelToolCalls: request.parallel_tool_calls }),
  };
  const options: LanguageModelV3CallOptions = {
    prompt: toPrompt(request.messages),
    ...given('maxOutputTokens', maxOutputTokens),
    ...given('temperature', request.temperature),
    ...given('topP', request.top_p),
    ...given('stopSequences', typeof request.stop === 'string' ? [request.stop] : request.stop),
    ...given('presencePenalty', request.presence_penalty),
    ...given('frequencyPenalty', request.frequency_penalty),
    ...given('seed', request.seed),
    ...(tools && tools.length > 0 ? { tools, toolChoice: toToolChoice(request) } : {}),
    ...toResponseFormat(request),
    ...(Object.keys(openai).length > 0 ? { providerOptions: { openai } } : {}),
    ...(signal ? { abortSignal: signal } : {}),
  };
  return options;
}

const given = <Name extends keyof LanguageModelV3CallOptions>(
  name: Name,
  value: LanguageModelV3CallOptions[Name] | null | undefined,
): Partial<LanguageModelV3CallOptions> => (value === null || value === undefined ? {} : { [name]: value });

function toPrompt(messages: readonly Message[]): LanguageModelV3Prompt {
  const toolNames = new Map(
    messages.flatMap(({ tool_calls: calls }) => (calls ?? []).map((call) => [call.id, call.function.name] as const)),
  );
  const prompt = messages.map((message, index) => toMessage(message, `messages[${index}]`, toolNames));
  if (!messages.some((message) => textLength(message) > 0 || (message.tool_calls?.length ?? 0) > 0))
    throw invalid('messages', 'at least one message must have content');
  return prompt;
}

const textLength = ({ content }: Message): number =>
  typeof content === 'string'
    ? content.trim().length
    : (content ?? []).reduce((sum, part) => sum + (part.type === 'text' ? part.text.trim().length : 1), 0);

function toMessage(message: Message, field: string, toolNames: ReadonlyMap<string, string>): LanguageModelV3Message {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: plainText(message) };
    case 'user':
      if (message.content == null || message.content.length === 0) throw invalid(`${field}.content`, 'a user message needs content');
      return { role: 'user', content: userParts(message, field) };
    case 'assistant': {
      const text = plainText(message);
      const calls = (message.tool_calls ?? []).map((call, index) => ({
        type: 'tool-call' as const,
        toolCallId: call.id,
        toolName: call.function.name,
        input: parseArguments(call.function.arguments, `${field}.tool_calls[${index}].function.arguments`),
      }));
      return { role: 'assistant', content: [...(text ? [{ type: 'text' as const, text }] : []), ...calls] };
    }
    case 'tool': {
      const id = message.tool_call_id ?? '';
      const toolName = toolNames.get(id);
      if (toolName === undefined) throw invalid(`${field}.tool_call_id`, 'it must be the id of a tool call of an earlier message');
      return {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: id, toolName, output: { type: 'text', value: plainText(message) } }],
      };
    }
  }
}

const plainText = ({ content }: Message): string =>
  typeof content === 'string' ? content : (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

const userParts = ({ content }: Message, field: string): (LanguageModelV3TextPart | LanguageModelV3FilePart)[] =>
  typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : (content ?? []).map((part, index) =>
        part.type === 'text' ? { type: 'text', text: part.text } : toImage(part.image_url.url, `${field}.content[${index}].image_url.url`),
      );

function toImage(url: string, field: string): LanguageModelV3FilePart {
  const inline = /^data:(image\/[\w.+-]+);base64,([A-Za-z0-9+/=]+)$/.exec(url);
  if (inline) return { type: 'file', mediaType: inline[1]!, data: inline[2]! };
  // The provider opens the link, from outside our network; here it is only passed on.
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return { type: 'file', mediaType: 'image/*', data: new URL(url) };
  throw invalid(field, 'give an http address or a base64 data URL of an image');
}

function parseArguments(text: string, field: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch {
    throw invalid(field, 'it must be JSON');
  }
}

function toTool({ function: definition }: NonNullable<ChatRequest['tools']>[number], field: string): LanguageModelV3FunctionTool {
  const schema = definition.parameters ?? { type: 'object', properties: {} };
  const problem = schemaProblem(schema);
  if (problem) throw invalid(field, problem);
  return {
    type: 'function',
    name: definition.name,
    inputSchema: schema as JSONSchema7,
    ...(definition.description ? { description: definition.description } : {}),
    ...(definition.strict == null ? {} : { strict: definition.strict }),
  };
}

function toToolChoice({ tool_choice: choice, tools }: ChatRequest): NonNullable<LanguageModelV3CallOptions['toolChoice']> {
  if (!choice) return { type: 'auto' };
  if (typeof choice === 'string') return { type: choice };
  const { name } = choice.function;
  if (!tools?.some((tool) => tool.function.name === name)) throw invalid('tool_choice', `no tool is called ${name.slice(0, 64)}`);
  return { type: 'tool', toolName: name };
}

function toResponseFormat({ response_format: format }: ChatRequest): Pick<LanguageModelV3CallOptions, 'responseFormat'> {
  if (!format || format.type === 'text') return {};
  if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
  const { name, description, schema } = format.json_schema;
  const problem = schemaProblem(schema);
  if (problem) throw invalid('response_format.json_schema.schema', problem);
  return { responseFormat: { type: 'json', name, schema: schema as JSONSchema7, ...(description ? { description } : {}) } };
}
