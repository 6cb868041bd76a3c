/** A named exception to what a service's model says. Operations name theirs in the model, by overlays in patches/aws. */
import type { Call } from "../../client/backend.js";
import type { HttpResponse } from "../../http/message.js";
import type { OperationModel } from "../../model/model.js";
import type { EncodedRequest, Values } from "../../protocol/protocol.js";

export interface Quirk {
  /** Before the input is encoded. Returns a copy where it changes something. */
  fill?(input: Values, operation: OperationModel): Values | Promise<Values>;
  /** The endpoint that the input itself names. */
  endpoint?(input: Values): string | undefined;
  /** On the encoded request. */
  finish?(request: EncodedRequest, call: Call, client: QuirkClient): EncodedRequest | Promise<EncodedRequest>;
  /** On the decoded output. */
  output?(output: Values, call: Call, response: HttpResponse): Values | Promise<Values>;
}

/** What a quirk may ask of the client that it runs in. */
export interface QuirkClient {
  /** The client's region. */
  readonly region: string;
  /** A presigned GET of the same operation in another region, with form fields added. */
  presign(
    call: Call,
    input: Values,
    region: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<string>;
}
