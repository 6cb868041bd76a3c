/** Who calls and what they may do: shared key, shared access signature, token of the emulator's Entra, or the public. */

import { type SasProblem, verifySas } from "../../../auth/azure-sas-verify.js";
import { verifySharedKey } from "../../../auth/azure-shared-key.js";
import { bearerOf } from "../../../auth/bearer.js";
import { type Context, EmulatorError, type IncomingRequest, type Verified } from "../../service.js";
import { STORAGE_KEY } from "../identity.js";
import { claimsOf, verifyToken } from "../tokens.js";
import { type Address, addressOf } from "./address.js";
import { delegationKeyOf } from "./delegation-key.js";
import { blobError } from "./errors.js";
import { isAccountOnly, permissionsOf, replacesBlob, resourceTypeOf } from "./permissions.js";
import { blobStore } from "./store.js";

const keysOf = () => [STORAGE_KEY];

export function authorize(request: IncomingRequest, context: Context): Verified {
  const address = addressOf(request);
  const { account } = address;
  const { authorization = "" } = request.headers;
  const { "x-ms-version": version } = request.headers;
  if (version !== undefined && !/^20\d\d-\d\d-\d\d$/.test(version)) throw blobError("InvalidHeaderValue");
  const bearer = bearerOf(request.headers);
  if (bearer !== undefined) return withToken(bearer, account, context);
  // Browsers ask without credentials.
  if (!context.verify || request.method === "OPTIONS") return { account, caller: { id: account, account } };
  if (/^SharedKey/i.test(authorization)) return withSharedKey(request, account, context);
  if (/(^|&)sig=/.test(request.query)) return withSas(request, address, context);
  if (authorization !== "")
    throw new EmulatorError(
      "InvalidAuthenticationInfo",
      "Authentication information is not given in the correct format.",
      400,
    );
  return anonymous(request, address, context);
}

function withToken(token: string, account: string, context: Context): Verified {
  let claims = claimsOf(token);
  if (context.verify) {
    try {
      claims = verifyToken(token, context, [
        "https://storage.azure.com",
        `https://${account}.blob.core.windows.net`,
      ]);
    } catch (error) {
      const message = error instanceof Error ? error.message : "";
      throw new EmulatorError(
        "InvalidAuthenticationInfo",
        `Server failed to authenticate the request. ${message}`,
        401,
        undefined,
        {
          "www-authenticate":
            "Bearer authorization_uri=https://login.microsoftonline.com/ resource_id=https://storage.azure.com",
        },
      );
    }
  }
  return { account, caller: { id: String(claims?.oid ?? ""), account, ...(claims && { claims }) } };
}

function withSharedKey(request: IncomingRequest, account: string, context: Context): Verified {
  const result = verifySharedKey(request, { keysOf, now: context.clock.date() });
  if (!result.ok) {
    const detail =
      result.stringToSign === undefined ? result.message : `${result.message}: '${result.stringToSign}'`;
    const failure = blobError("AuthenticationFailed");
    throw new EmulatorError(failure.code, failure.message, failure.status, {
      AuthenticationErrorDetail: detail,
    });
  }
  if (result.account !== account) throw blobError("AuthenticationFailed");
  return { account, caller: { id: account, account } };
}

function withSas(request: IncomingRequest, { account, path }: Address, context: Context): Verified {
  const [, container, ...rest] = path.split("/").map(decodeURIComponent);
  const blob = rest.join("/");
  const result = verifySas(
    {
      account,
      container: container || undefined,
      blob: blob || undefined,
      query: request.query,
      headers: request.headers,
      protocol: request.origin.startsWith("https:") ? "https" : "http",
      ...(request.clientAddress !== undefined && { clientIp: request.clientAddress }),
    },
    {
      keysOf,
      delegationKeyOf: (fields) => delegationKeyOf(context, fields),
      policyOf: (name, identifier) => policyOf(context, account, name, identifier),
      now: context.clock.date(),
    },
  );
  if (!result.ok) {
    const failure = blobError(SAS_PROBLEMS[result.problem] ?? "AuthenticationFailed");
    throw new EmulatorError(failure.code, failure.message, failure.status, {
      AuthenticationErrorDetail: result.message,
    });
  }
  const operation = context.operation?.name ?? "";
  const needed = permissionsOf(operation);
  const isThere = context
    .store(blobStore)
    .accounts.get(account)
    ?.containers.get(container ?? "");
  const isWritten = isThere?.blobs.get(blob)?.current !== undefined;
  if (!isAllowed(result.permissions, operation, request, isWritten))
    throw blobError("AuthorizationPermissionMismatch");
  if (result.kind === "account") {
    if (!result.services?.includes("b")) throw blobError("AuthorizationServiceMismatch");
    if (!result.resourceTypes?.includes(resourceTypeOf(operation, blob !== "")))
      throw blobError("AuthorizationResourceTypeMismatch");
  } else if (needed === undefined || isAccountOnly(operation))
    throw blobError("AuthorizationPermissionMismatch");
  return { account, caller: { id: account, account } };
}

/** Permission to create is none to write over, and tags take their own. */
function isAllowed(
  permissions: string,
  operation: string,
  { headers, query }: IncomingRequest,
  isWritten: boolean,
) {
  const needed = permissionsOf(operation, query);
  if (needed === undefined) return true;
  const letters = isWritten && replacesBlob(operation) ? needed.replace("c", "") : needed;
  if (headers["x-ms-tags"] && !permissions.includes("t")) return false;
  return [...letters].some((letter) => permissions.includes(letter));
}

const SAS_PROBLEMS: Readonly<
  Partial<Record<SasProblem, "AuthorizationProtocolMismatch" | "AuthorizationSourceIPMismatch">>
> = {
  wrongProtocol: "AuthorizationProtocolMismatch",
  wrongAddress: "AuthorizationSourceIPMismatch",
};

function policyOf(context: Context, account: string, container: string, identifier: string) {
  const known = context.store(blobStore).accounts.get(account)?.containers.get(container);
  const policy = known?.policies.find(({ id }) => id === identifier);
  if (policy === undefined) return undefined;
  const { startsOn, expiresOn, permissions } = policy.accessPolicy ?? {};
  return {
    ...(startsOn && { startsOn: new Date(startsOn) }),
    ...(expiresOn && { expiresOn: new Date(expiresOn) }),
    ...(permissions && { permissions }),
  };
}

/** Public containers let their blobs be read; `container` lets them be listed too. */
const PUBLIC_BLOB = new Set(["getBlob", "getBlobProperties", "getBlockList", "getPageRanges"]);
const PUBLIC_CONTAINER = new Set(["listBlobs", "getContainerProperties"]);

function anonymous(_request: IncomingRequest, { account, path }: Address, context: Context): Verified {
  const name = decodeURIComponent(path.split("/")[1] ?? "");
  const access = context.store(blobStore).accounts.get(account)?.containers.get(name)?.publicAccess;
  const operation = context.operation?.name ?? "";
  if (access !== undefined && PUBLIC_BLOB.has(operation)) return { account };
  if (access === "container" && PUBLIC_CONTAINER.has(operation)) return { account };
  if (context.operation?.method === "GET" || context.operation?.method === "HEAD")
    throw blobError("ResourceNotFound");
  throw new EmulatorError(
    "NoAuthenticationInformation",
    "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    401,
    undefined,
    {
      "www-authenticate":
        "Bearer authorization_uri=https://login.microsoftonline.com/ resource_id=https://storage.azure.com",
    },
  );
}
