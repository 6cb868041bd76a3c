/** Where earlier calls went and how they were signed: nearly every call of a client asks what one before it asked. */
import type { OperationModel } from "../model/model.js";
import type { Values } from "../protocol/protocol.js";
import type { AuthScheme } from "./auth-scheme.js";
import type { ClientState } from "./client-state.js";
import type { ResolvedEndpoint } from "./endpoint-resolver.js";

export interface Destination {
  readonly endpoint: ResolvedEndpoint;
  readonly scheme: AuthScheme;
}

/** What the destination of an operation depends on, beside the client's state. */
interface Question {
  /** Members of the input that the endpoint rules look at. */
  readonly members: readonly string[];
  readonly answers: Map<string, Destination>;
}

/** Buckets, mostly. */
const ANSWERS_MAX = 200;

export class Destinations {
  readonly #membersOf: (operation: OperationModel, state: ClientState) => readonly string[] | undefined;
  readonly #questions = new WeakMap<ClientState, Map<OperationModel, Question | undefined>>();

  /** `membersOf` gives the members that a destination depends on; undefined where it depends on more than those. */
  constructor(membersOf: (operation: OperationModel, state: ClientState) => readonly string[] | undefined) {
    this.#membersOf = membersOf;
  }

  get(operation: OperationModel, input: Values, state: ClientState): Destination | undefined {
    const question = this.#question(operation, state);
    const key = question && keyOf(question, input);
    return key === undefined ? undefined : question?.answers.get(key);
  }

  keep(operation: OperationModel, input: Values, state: ClientState, destination: Destination): void {
    const question = this.#question(operation, state);
    const key = question && keyOf(question, input);
    if (question === undefined || key === undefined) return;
    if (question.answers.size >= ANSWERS_MAX) question.answers.clear();
    question.answers.set(key, destination);
  }

  #question(operation: OperationModel, state: ClientState): Question | undefined {
    let questions = this.#questions.get(state);
    if (questions === undefined) {
      questions = new Map();
      this.#questions.set(state, questions);
    }
    let question = questions.get(operation);
    if (question === undefined && !questions.has(operation)) {
      const members = this.#membersOf(operation, state);
      question = members && { members, answers: new Map() };
      questions.set(operation, question);
    }
    return question;
  }
}

/** The members' values as one text; undefined where one is neither absent nor text nor a boolean. */
function keyOf({ members }: Question, input: Values): string | undefined {
  let key = "";
  for (const member of members) {
    const value = input[member];
    if (typeof value === "string") key += `"${value}\n`;
    else if (value === undefined || typeof value === "boolean") key += `${value}\n`;
    else return undefined;
  }
  return key;
}
