/** Answers as a service would send them, from the model. */
import { errorCode } from "../../src/client/service.js";
import { readBody } from "../../src/http/request-body.js";
import type { OperationModel, Shape } from "../../src/model/model.js";
import type { EncodedResponse } from "../../src/protocol/protocol.js";
import { serverOf } from "../../src/protocol/servers.js";
import type { Random } from "./random.js";
import type { Maker } from "./values.js";
import type { Answer } from "./wire.js";

export async function outputAnswer(operation: OperationModel, maker: Maker): Promise<Answer> {
  const server = await serverOf(operation.service.protocol);
  const { output: shape } = operation;
  const output = shape ? maker.structure(shape) : {};
  const stream = shape?.members.find((member) => member.shape.traits.eventStream);
  if (stream !== undefined) output[stream.name] = maker.events(stream.shape);
  // Base64, which the model says nowhere.
  if (operation.name === "GetConsoleOutput" && output.Output !== undefined) output.Output = "Ym9vdGVkCg==";
  const answer = await read(operation, server.encodeResponse(operation, output, "request-1"));
  // The text of the root element, which no model says.
  return operation.name === "GetBucketLocation" && operation.service.id === "s3"
    ? { ...answer, body: new TextEncoder().encode(locationDocument(output.LocationConstraint)) }
    : answer;
}

function locationDocument(location: unknown): string {
  const text = typeof location === "string" ? location.replace(/[^\w-]/g, "") : "";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${text}</LocationConstraint>`;
}

export async function errorAnswer(operation: OperationModel, shape: Shape, maker: Maker): Promise<Answer> {
  const server = await serverOf(operation.service.protocol);
  const code = errorCode(shape);
  const { message: _message, Message: _Message, ...body } = maker.structure(shape);
  // Some models name the code's own header.
  for (const { name, wireName } of shape.members)
    if (wireName.toLowerCase() === "x-amzn-errortype") body[name] = shape.name;
  const status = shape.traits.error?.status ?? 400;
  const error = { code, message: "Something went wrong", status, requestId: "request-1", body };
  return read(operation, server.encodeError(operation.model, operation, error));
}

/** What load balancers and proxies answer, and codes that no model has. */
export async function faultAnswer(operation: OperationModel, random: Random): Promise<Answer> {
  const server = await serverOf(operation.service.protocol);
  const answer = (status: number, type: string, text: string): Answer => ({
    status,
    headers: type === "" ? {} : { "content-type": type },
    body: new TextEncoder().encode(text),
  });
  const unknown = { code: "NewInThisRelease", message: "What is new ü", requestId: "request-1", body: {} };
  return random.pick([
    () => read(operation, server.encodeError(operation.model, operation, { ...unknown, status: 418 })),
    () => read(operation, server.encodeError(operation.model, operation, { ...unknown, status: 500 })),
    () => answer(503, "", ""),
    () => answer(404, "", ""),
    () => answer(502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    () => answer(403, "application/json", '{"message":"Forbidden"}'),
    () => answer(400, "application/x-amz-json-1.1", '{"__type":"a.b#Odd:http://x/","Message":"m"}'),
  ])();
}

/** A length that the model has as a member must be the body's, or no client could read it. */
async function read(operation: OperationModel, response: EncodedResponse): Promise<Answer> {
  const body = await readBody(response.body);
  const headers = { ...response.headers };
  if (headers["content-length"] !== undefined && operation.method !== "HEAD")
    headers["content-length"] = String(body.length);
  return { status: response.status, headers, body };
}
