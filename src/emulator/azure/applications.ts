/** Applications that Entra knows. */
import { type Context, EmulatorError, type StoreKey } from "../service.js";
import { CLIENT_ID, CLIENT_OBJECT_ID, CLIENT_SECRET } from "./identity.js";

interface Application {
  /** Undefined: a public one, which no secret proves. */
  readonly secret: string | undefined;
  readonly objectId: string;
}

/** The Azure CLI's, by which developers sign in and which every tenant knows. */
const DEVELOPER_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/** By client id. */
const applications: StoreKey<Map<string, Application>> = {
  name: "entra applications",
  create: () =>
    new Map([
      [CLIENT_ID, { secret: CLIENT_SECRET, objectId: CLIENT_OBJECT_ID }],
      [DEVELOPER_CLIENT_ID, { secret: undefined, objectId: DEVELOPER_CLIENT_ID }],
    ]),
};

/** @throws `unauthorized_client` where there is none and the emulator verifies. */
export function applicationOf(clientId: string, context: Context): Application {
  const application = context.store(applications).get(clientId);
  if (application !== undefined) return application;
  if (!context.verify) return { secret: undefined, objectId: clientId };
  throw refusal(
    "unauthorized_client",
    `AADSTS700016: Application with identifier '${clientId}' was not found in the directory.`,
    400,
  );
}

export function refusal(code: string, message: string, status: number): EmulatorError {
  return new EmulatorError(code, message, status);
}
