import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A conversation of one person about data.' })
export class Session {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One message of a conversation.' })
export class Message {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'What the model calls of a message or run came to; the llm subgraph knows the rest.' })
export class LlmUsage {
  @Field(() => ID, { description: 'Identifier: that of the message or run.' })
  id!: string;
}
