import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A source; the sql domain knows the rest.' })
export class Source {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A chat session; the chat domain knows the rest.' })
export class Session {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A dashboard; the dashboards domain knows the rest.' })
export class Dashboard {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}
