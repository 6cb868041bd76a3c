/** IAM's credentials API: signatures and tokens in the name of service accounts. */
import { signJwt } from "../../auth/jwt.js";
import { type IAMCredentials, IAMCredentials as Service } from "../../gen/gcp/iamcredentials.js";
import { gcpRestServer } from "../../protocol/gcp-rest.js";
import { type AnyHandler, type Context, type EmulatedService, EmulatorError } from "../service.js";
import { makeIdToken } from "./id-token.js";
import { identities, verifyKnown } from "./identity.js";

type Input<K extends keyof IAMCredentials["projects"]["serviceAccounts"]> = Parameters<
  IAMCredentials["projects"]["serviceAccounts"][K]
>[0];

const LIFETIME_SECONDS_MAX = 43_200;

const handlers: Readonly<Record<string, AnyHandler>> = {
  async "projects.serviceAccounts.signBlob"(input, context) {
    const { name, body = {} } = input as unknown as Input<"signBlob">;
    const key = await context.store(identities).signingKey(emailOf(name, context));
    const { sign } = process.getBuiltinModule("node:crypto");
    const signedBlob = new Uint8Array(
      sign("RSA-SHA256", Buffer.from(body.payload as Uint8Array), key.privateKey),
    );
    return { keyId: key.id, signedBlob };
  },

  async "projects.serviceAccounts.signJwt"(input, context) {
    const { name, body = {} } = input as unknown as Input<"signJwt">;
    const key = await context.store(identities).signingKey(emailOf(name, context));
    const claims = JSON.parse(body.payload ?? "{}") as Record<string, unknown>;
    return {
      keyId: key.id,
      signedJwt: await signJwt({ alg: "RS256", kid: key.id, typ: "JWT" }, claims, key.privateKey),
    };
  },

  "projects.serviceAccounts.generateAccessToken"(input, context) {
    const { name, body = {} } = input as unknown as Input<"generateAccessToken">;
    const seconds = Number(body.lifetime?.replace(/s$/, "") ?? 3600);
    if (!(seconds > 0 && seconds <= LIFETIME_SECONDS_MAX)) {
      throw new EmulatorError("badRequest", "The lifetime must be positive and at most 43200s.", 400);
    }
    if (!body.scope?.length) throw new EmulatorError("badRequest", "Scope required.", 400);
    const { token, expiresAtMs } = context
      .store(identities)
      .issue(emailOf(name, context), body.scope, seconds);
    return { accessToken: token, expireTime: new Date(expiresAtMs).toISOString() };
  },

  async "projects.serviceAccounts.generateIdToken"(input, context) {
    const { name, body = {} } = input as unknown as Input<"generateIdToken">;
    return { token: await makeIdToken(emailOf(name, context), body.audience ?? "", context) };
  },
};

export const iamCredentialsService: EmulatedService = {
  cloud: "gcp",
  id: "iamcredentials",
  model: Service.serviceModel,
  protocol: gcpRestServer,
  handlers,
  verify: verifyKnown,
};

/** `projects/-/serviceAccounts/<email or unique id>`. */
function emailOf(name: string, context: Context): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  const { accounts } = context.store(identities);
  const account = accounts.get(last) ?? [...accounts.values()].find(({ uniqueId }) => uniqueId === last);
  if (account === undefined)
    throw new EmulatorError("notFound", `Not found; Gaia id not found for email ${last}`, 404);
  return account.email;
}
