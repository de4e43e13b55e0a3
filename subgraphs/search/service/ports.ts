import type { Caller } from '#platform/auth';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly comment: string | null;
}

export interface TableFacts {
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly ColumnFacts[];
  readonly joins: readonly { readonly columns: readonly string[]; readonly table: string }[];
}

export interface SourceFacts {
  readonly id: string;
  readonly name: string;
  readonly builtIn: boolean;
  readonly tables: readonly TableFacts[];
  /** Metrics, measures, dimensions and values of the semantic model. */
  readonly metrics: readonly { readonly name: string; readonly description: string | null; readonly synonyms: readonly string[] }[];
  readonly values: readonly { readonly column: string; readonly value: string }[];
}

/** The sources of the sql domain, as the index describes them. Null where there is no such source (any more). */
export interface SourceReader {
  list(caller: Caller): Promise<readonly { readonly id: string; readonly builtIn: boolean }[]>;
  read(caller: Caller, sourceId: string): Promise<SourceFacts | null>;
  /** Which of these sources the caller may see. */
  visible(caller: Caller, sourceIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface ConversationFacts {
  readonly sessionId: string;
  readonly title: string | null;
  readonly userId: string;
  readonly messages: readonly {
    readonly id: string;
    readonly role: string;
    readonly content: string;
    readonly sql: string | null;
    readonly createdAt: Date;
  }[];
}

/** The chat domain's sessions. */
export interface ConversationReader {
  read(caller: Caller, sessionId: string): Promise<ConversationFacts | null>;
  /** Which of these sessions the caller may open. */
  visible(caller: Caller, sessionIds: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface DashboardFacts {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly widgets: readonly string[];
  readonly updatedAt: Date;
}

/** The dashboards domain's dashboards. */
export interface DashboardReader {
  read(caller: Caller, dashboardId: string): Promise<DashboardFacts | null>;
  /** Which of these dashboards the caller may open. */
  visible(caller: Caller, dashboardIds: readonly string[]): Promise<ReadonlySet<string>>;
}
