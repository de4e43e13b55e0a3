import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A conversation; the chat subgraph knows the rest.' })
export class Session {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A message of a conversation; the chat subgraph knows the rest.' })
export class Message {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}
