import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { ChatAgent, ChatChartType, ChatIntent, InsightKind } from './enums';

@ObjectType({ description: 'A column of a result.' })
export class ChatColumn {
  @Field(() => String, { description: 'Heading.' })
  name!: string;

  @Field(() => String, { description: "The engine's own name of the type." })
  type!: string;
}

@ObjectType({ description: 'Rows of an answer.' })
export class ChatData {
  @Field(() => [ChatColumn], { description: 'Columns in order.' })
  columns!: ChatColumn[];

  @Field(() => Json, { description: 'Rows, each a list of values in the order of the columns; at most 1,000 are kept with a message.' })
  rows!: unknown;

  @Field(() => Int, { description: 'Rows that the query gave.' })
  rowCount!: number;

  @Field(() => Boolean, { description: 'True where there are more rows than are given here.' })
  truncated!: boolean;
}

@ObjectType({ description: 'Another way to draw the same rows.' })
export class ChartAlternative {
  @Field(() => ChatChartType, { description: 'The type of chart.' })
  type!: string;

  @Field(() => Float, { description: 'How well it fits these rows, 0 to 1.' })
  score!: number;

  @Field(() => String, { description: 'Why it fits.' })
  reason!: string;
}

@ObjectType({ description: 'A chart of the rows, chosen by written rules.' })
export class ChatVisualization {
  @Field(() => ChatChartType, { description: 'The type of chart.' })
  type!: string;

  @Field(() => String, { nullable: true, description: 'Column on the horizontal axis.' })
  xAxis!: string | null;

  @Field(() => String, { nullable: true, description: 'Column on the vertical axis.' })
  yAxis!: string | null;

  @Field(() => Json, { nullable: true, description: 'Vega-Lite v5 specification with its data; null for a table.' })
  spec!: unknown;

  @Field(() => String, { description: 'Why this type.' })
  reason!: string;

  @Field(() => String, { description: 'The chart in words, for people who cannot see it.' })
  altText!: string;

  @Field(() => [ChartAlternative], { description: 'Other types that fit, best first.' })
  alternatives!: ChartAlternative[];
}

@ObjectType({ description: 'A statement about the data, computed from rows, with what it rests on.' })
export class ChatInsight {
  @Field(() => InsightKind, { description: 'What it is about.' })
  kind!: string;

  @Field(() => String, { description: 'The statement.' })
  text!: string;

  @Field(() => Float, { description: '0 to 1, for the order in which to tell it.' })
  importance!: number;

  @Field(() => Json, { description: 'The numbers behind it.' })
  evidence!: unknown;

  @Field(() => [String], { description: 'The statements whose rows it was computed from.' })
  sql!: string[];
}

@ObjectType({ description: 'Words of the message and the clause of the query that they became.' })
export class ChatInterpretation {
  @Field(() => String, { description: 'Words of the message.' })
  words!: string;

  @Field(() => String, { description: 'What they mean in the query.' })
  clause!: string;
}

@ObjectType({ description: 'Another way to read the message.' })
export class ChatReading {
  @Field(() => String, { description: 'The SQL of this reading.' })
  sql!: string;

  @Field(() => String, { description: 'What this reading asks.' })
  explanation!: string;

  @Field(() => Float, { description: 'Estimated probability that it is the one meant, 0 to 1.' })
  confidence!: number;
}

@ObjectType({ description: 'A question back: why there is no answer yet, and what would lead to one.' })
export class ChatClarification {
  @Field(() => String, { description: 'What to tell or ask the person.' })
  question!: string;

  @Field(() => [String], { description: 'Readings or names to choose from.' })
  options!: string[];
}

@ObjectType({ description: 'A passage of a document that the answer uses.' })
export class ChatCitation {
  @Field(() => ID, { description: 'The passage.' })
  id!: string;

  @Field(() => ID, { description: 'The document.' })
  documentId!: string;

  @Field(() => String, { description: 'Title of the document.' })
  title!: string;

  @Field(() => String, { nullable: true, description: 'Headings above the passage, outermost first; null where there are none.' })
  section!: string | null;

  @Field(() => Int, { description: 'Where the passage begins in the text of the document, in characters.' })
  offset!: number;

  @Field(() => String, { description: 'The words used.' })
  excerpt!: string;
}

@ObjectType({ description: 'What a turn found out.' })
export class ChatAnswer {
  @Field(() => String, { description: 'The answer in words.' })
  response!: string;

  @Field(() => ChatIntent, { description: 'What the message wanted.' })
  intent!: string;

  @Field(() => String, { nullable: true, description: 'The statement that was run; null where none was needed or possible.' })
  sql!: string | null;

  @Field(() => String, { nullable: true, description: 'Its dialect.' })
  dialect!: string | null;

  @Field(() => ID, { nullable: true, description: 'The stored query behind the answer.' })
  queryId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The source that was asked.' })
  sourceId!: string | null;

  @Field(() => String, { nullable: true, description: 'What the statement answers, in plain language.' })
  explanation!: string | null;

  @Field(() => Float, { nullable: true, description: 'Estimated probability that this is what was asked, 0 to 1.' })
  confidence!: number | null;

  @Field(() => [ChatInterpretation], { description: 'The message, clause by clause.' })
  interpretation!: ChatInterpretation[];

  @Field(() => [ChatReading], { description: 'Other readings, best first.' })
  alternatives!: ChatReading[];

  @Field(() => [String], { description: 'What was assumed where the message left it open.' })
  assumptions!: string[];

  @Field(() => ChatClarification, { nullable: true, description: 'A question back; null where the answer is clear.' })
  clarification!: ChatClarification | null;

  @Field(() => ChatData, { nullable: true, description: 'The rows.' })
  data!: ChatData | null;

  @Field(() => ChatVisualization, { nullable: true, description: 'The chart.' })
  visualization!: ChatVisualization | null;

  @Field(() => [ChatInsight], { description: 'What stands out, most important first.' })
  insights!: ChatInsight[];

  @Field(() => [ChatCitation], { description: 'Documents that the answer uses.' })
  citations!: ChatCitation[];

  @Field(() => [String], { description: 'Follow-up questions.' })
  suggestions!: string[];

  @Field(() => [String], { description: 'What to know before trusting the answer.' })
  warnings!: string[];

  @Field(() => [ChatAgent], { description: 'The specialists that took part, in order; at most 10 visits.' })
  agentsVisited!: string[];

  @Field(() => Float, { description: 'Time from the message to the answer, milliseconds.' })
  executionTimeMs!: number;

  @Field(() => Int, { description: 'Tokens that a language model used; 0 without one.' })
  tokensUsed!: number;
}
