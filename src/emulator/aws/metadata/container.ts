/** Credentials of a container's task role. See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
import type { EncodedResponse } from "../../../protocol/protocol.js";
import type { Context, EmulatedService, IncomingRequest } from "../../service.js";
import { ROOT_ACCOUNT } from "../identity.js";
import { isoSeconds, keysFor } from "./role-keys.js";

export const containerService: EmulatedService = { cloud: "aws", id: "container", answer };

/** `/v2/credentials/<role>`: any name is a role. */
function answer({ method, path }: IncomingRequest, context: Context): EncodedResponse {
  const role = /^\/v2\/credentials\/([\w+=,.@-]+)$/.exec(path)?.[1] ?? "emulator-task-role";
  if (method !== "GET") return json(405, { code: "MethodNotAllowed", message: `${method} is not allowed` });
  const key = keysFor(role, "task", context);
  return json(200, {
    RoleArn: `arn:aws:iam::${ROOT_ACCOUNT}:role/${role}`,
    AccessKeyId: key.id,
    SecretAccessKey: key.secret,
    Token: key.sessionToken,
    Expiration: isoSeconds(key.expiration),
    AccountId: ROOT_ACCOUNT,
  });
}

function json(status: number, body: object): EncodedResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
