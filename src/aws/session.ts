/** Credentials, config and transport of AWS, shared by the clients made from it. */
import { systemEnvironment } from "../auth/environment.js";
import type { Client, ServiceClass } from "../client/service.js";
import { ClientSession } from "./client-session.js";
import { SharedFiles } from "./config/shared-files.js";
import type { AssumeRoleInput } from "./credentials/assumed-role.js";
import { misconfigured } from "./credentials/context.js";
import { planSso } from "./credentials/profile-plan.js";
import type { DeviceAuthorization } from "./credentials/sso-login.js";
import type { AwsClientOptions, SessionOptions } from "./options.js";
import { partitionNames, serviceIds, serviceRegions } from "./regions.js";
import { type Resource, serviceResource } from "./resource/resource.js";
import { loadService } from "./services.js";

/** Services by id, with their clients' types. Each `trivet/aws/<id>` adds its own once it is imported anywhere. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by module augmentation.
export interface AwsServices {}

/** A service class that declares the type of its object layer. */
export type ResourceService<R> = ServiceClass<Client, AwsClientOptions> & { readonly "~resource"?: R };

export class Session extends ClientSession {
  readonly #options: SessionOptions;

  /** Reads nothing: files, environment and network are asked when a call first needs them. */
  constructor(options: SessionOptions = {}) {
    super(options);
    this.#options = options;
  }

  /**
   * A client of a service: `session.client(S3)`, or by name once its module is imported somewhere: `session.client("s3")`.
   * `options` win over the session's.
   */
  client<C>(service: ServiceClass<C, AwsClientOptions>, options?: AwsClientOptions): C;
  client<N extends keyof AwsServices>(service: N, options?: AwsClientOptions): AwsServices[N];
  client(service: string, options?: AwsClientOptions): Client;
  client(service: string | ServiceClass<unknown, AwsClientOptions>, options: AwsClientOptions = {}): unknown {
    const Service = typeof service === "string" ? loadService(service) : service;
    return new Service({ ...options, session: this });
  }

  /**
   * A service's object layer: `session.resource(EC2).instances.all()`. Of the nine services that boto3 has one for: cloudformation,
   * cloudwatch, dynamodb, ec2, glacier, iam, s3, sns, sqs.
   */
  resource<R>(service: ResourceService<R>, options?: AwsClientOptions): R;
  resource(service: string, options?: AwsClientOptions): Resource;
  resource<R>(service: string | ResourceService<R>, options: AwsClientOptions = {}): unknown {
    const Service = typeof service === "string" ? loadService(service) : service;
    return serviceResource(new Service({ ...options, session: this }) as Client);
  }

  /** A session that acts as a role, its credentials renewed as long as this session's can assume it. */
  assumeRole(input: AssumeRoleInput): Session {
    const { profile, ...rest } = this.#options;
    return new Session({
      ...rest,
      ...(profile !== undefined && { profile }),
      transport: this.transport(),
      credentials: async () => {
        const { assumedRole } = await import("./credentials/assumed-role.js");
        return assumedRole(
          await this.credentialContext(),
          await this.credentials.get(),
          input,
          rest.endpoint,
        );
      },
    });
  }

  /**
   * Logs in to the profile's SSO session in the user's browser, on this or another device, and caches the token as
   * `aws sso login` does. `show` is told the page to open and the code that stands on it.
   */
  async ssoLogin(
    show: (authorization: DeviceAuthorization) => void | Promise<void>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const context = await this.credentialContext();
    const { files, profileName } = context.settings;
    const plan = planSso(files, profileName);
    if (plan === undefined) throw misconfigured(`Cannot log in: profile "${profileName}" has no sso_session`);
    const { ssoDeviceLogin } = await import("./credentials/sso-login.js");
    await ssoDeviceLogin(context, plan, show, options.signal);
    this.forgetCredentials();
  }

  /** Ids of all services: what `client(id)` takes and what follows `trivet/aws/`. */
  async services(): Promise<string[]> {
    return serviceIds();
  }

  /** Regions in which a service is, of one partition; `aws` when none is named. A service that is global has none. */
  async regions(service: string, partition = "aws"): Promise<string[]> {
    return serviceRegions(service, partition);
  }

  /** `aws`, `aws-cn`, `aws-us-gov`... */
  async partitions(): Promise<string[]> {
    return partitionNames();
  }

  /** Names of the profiles of both files. */
  async profiles(): Promise<string[]> {
    const files = await SharedFiles.read(this.#options.environment ?? systemEnvironment());
    return files.profileNames;
  }
}
