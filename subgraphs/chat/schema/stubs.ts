import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A data source; the sql subgraph knows the rest.' })
export class Source {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A query that was generated or executed; the sql subgraph knows the rest.' })
export class SqlQuery {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'What the model calls of a message or run came to; the llm subgraph knows the rest.' })
export class LlmUsage {
  @Field(() => ID, { description: 'Identifier: that of the message or run.' })
  id!: string;
}
