import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';

import { connectionType } from '#platform/graphql';

import { SessionStatus } from './enums';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A conversation of one person about data.' })
export class Session {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The tenant that it belongs to.' })
  tenantId!: string;

  @Field(() => ID, { description: 'The person who began it.' })
  userId!: string;

  @Field(() => String, { description: 'Its name; taken from the first message where none was given.' })
  title!: string;

  @Field(() => SessionStatus, { description: 'Whether it goes on.' })
  status!: string;

  @Field(() => ID, { nullable: true, description: 'The source that it asks; null lets each question find its own.' })
  sourceId!: string | null;

  @Field(() => Int, { description: 'Messages in it, those of both sides.' })
  messageCount!: number;

  @Field(() => ID, { nullable: true, description: 'The message of another session that this one was branched from.' })
  branchedFrom!: string | null;

  @Field(() => Boolean, { description: 'True while a turn is running; a second one is refused.' })
  isBusy!: boolean;

  @Field(() => Date, { description: 'When it was begun.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When it was last changed.' })
  updatedAt!: Date;

  @Field(() => Date, { description: 'When something was last said; 30 days later it expires.' })
  lastActivityAt!: Date;
}

export const SessionConnection = connectionType(Session, 'Session');
