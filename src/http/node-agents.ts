/** Keep-alive connections of the node transport, one pool per scheme and proxy. */
import type { Agent, AgentOptions } from "node:http";
import type { Agent as SecureAgent } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Environment, openTunnel, portOf, proxyAuthorization, proxyOf } from "./proxy.js";
import { transportError } from "./transport-error.js";

export interface NodeTransportOptions {
  /** Connections to one host at a time. Default 128; further requests wait. */
  socketsMax?: number;
  /** PEM file of certificate authorities to trust beside Node's own, read at the first https connection. Default `AWS_CA_BUNDLE`. */
  caFile?: string | undefined;
  /** PEM certificate authorities to trust beside Node's own. */
  ca?: string | undefined;
  /** Where proxies and AWS_CA_BUNDLE are looked up; `{}` for none. Default `process.env`. */
  env?: Environment;
}

/** Where the requests of one origin go. Made once an origin. */
export interface Route {
  readonly module: Pick<typeof import("node:http"), "request">;
  readonly agent: Agent;
  readonly host: string;
  readonly port: string;
  /** As sent in `Host`. */
  readonly hostHeader: string;
  /** Put before the path: the origin, when a proxy is asked in the absolute form. */
  readonly pathPrefix: string;
  readonly extraHeaders: readonly string[];
}

/** What `createConnection` is given: the options of the request that needs the connection. */
interface ConnectionOptions {
  host?: string;
  port?: number | string;
  servername?: string;
  connectTimeoutMs?: number;
}

const BYTES_READ_WHEN_KEPT = Symbol("bytesRead");
type MarkedSocket = Socket & { [BYTES_READ_WHEN_KEPT]?: number };

export class NodeAgents {
  readonly #options: NodeTransportOptions;
  readonly #idleTimeoutMs: number;
  readonly #routes = new Map<string, Route>();
  readonly #agents = new Map<string, Agent>();

  constructor(options: NodeTransportOptions, idleTimeoutMs: number) {
    this.#options = options;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  route(origin: string): Route {
    let route = this.#routes.get(origin);
    if (route === undefined) {
      route = this.#createRoute(new URL(origin));
      this.#routes.set(origin, route);
    }
    return route;
  }

  /** A connection of this route turned out closed by the peer: the idle ones beside it are no better. */
  dropIdle(route: Route): void {
    const { agent } = route;
    for (const socket of agent.freeSockets[agent.getName({ host: route.host, port: Number(route.port) })] ??
      []) {
      socket.destroy();
    }
  }

  close(): void {
    for (const agent of this.#agents.values()) {
      // Sockets in use are closed by the agent when they come free.
      agent.maxFreeSockets = 0;
      for (const sockets of Object.values(agent.freeSockets))
        for (const socket of sockets ?? []) socket.destroy();
    }
    this.#agents.clear();
    this.#routes.clear();
  }

  #createRoute(url: URL): Route {
    const secure = url.protocol === "https:";
    if (!secure && url.protocol !== "http:") {
      throw transportError(
        "ConnectionFailed",
        `Cannot send to ${url.origin}: only http and https are spoken here`,
      );
    }
    const proxy = proxyOf(url, this.#options.env ?? process.env);
    const agent = this.#agent(secure, proxy);
    if (proxy !== undefined && !secure) {
      return {
        module: process.getBuiltinModule(proxy.protocol === "https:" ? "node:https" : "node:http"),
        agent,
        host: proxy.hostname,
        port: portOf(proxy),
        hostHeader: url.host,
        pathPrefix: url.origin,
        extraHeaders: Object.entries(proxyAuthorization(proxy)).flat(),
      };
    }
    return {
      module: secure ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http"),
      agent,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: portOf(url),
      hostHeader: url.host,
      pathPrefix: "",
      extraHeaders: [],
    };
  }

  #agent(secure: boolean, proxy: URL | undefined): Agent {
    // A plain request to an https proxy speaks TLS to the proxy itself.
    const speaksTls = secure || proxy?.protocol === "https:";
    const key = `${speaksTls} ${secure} ${proxy?.href ?? ""}`;
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      agent = speaksTls ? this.#secureAgent() : this.#plainAgent();
      if (secure && proxy !== undefined) tunnelThrough(proxy, agent as SecureAgent);
      else limitConnecting(agent, speaksTls ? "secureConnect" : "connect");
      refuseUnaskedBytes(agent);
      this.#agents.set(key, agent);
    }
    return agent;
  }

  #agentOptions(): AgentOptions {
    // The agent's own timeout equals the requests' default, so that no timer is set anew for each request.
    return {
      keepAlive: true,
      maxSockets: this.#options.socketsMax ?? 128,
      timeout: this.#idleTimeoutMs,
    };
  }

  #plainAgent(): Agent {
    const { Agent } = process.getBuiltinModule("node:http");
    return new Agent(this.#agentOptions());
  }

  #secureAgent(): Agent {
    const { Agent } = process.getBuiltinModule("node:https");
    const ca = trustedAuthorities(this.#options);
    return new Agent({ ...this.#agentOptions(), ...(ca !== undefined && { ca }) });
  }
}

/** PEM of all that is trusted; undefined for Node's own alone. */
export function trustedAuthorities(options: NodeTransportOptions): string[] | undefined {
  const { ca } = options;
  const caFile = options.caFile ?? (options.env ?? process.env).AWS_CA_BUNDLE;
  if (ca === undefined && caFile === undefined) return undefined;
  const own = caFile === undefined ? [] : [readAuthorities(caFile)];
  if (ca !== undefined) own.push(ca);
  return [...process.getBuiltinModule("node:tls").rootCertificates, ...own];
}

function readAuthorities(file: string): string {
  try {
    return process.getBuiltinModule("node:fs").readFileSync(file, "utf8");
  } catch (cause) {
    throw transportError("TlsFailed", `Cannot read the certificate authorities in ${file}`, cause);
  }
}

/** Wraps the making of connections, so that a connection that is reused costs no timer. */
function limitConnecting(agent: Agent, connected: "connect" | "secureConnect"): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    const { host, port, connectTimeoutMs } = options as ConnectionOptions;
    if (socket && connectTimeoutMs) limit(socket, connected, connectTimeoutMs, `${host}:${port}`);
    return socket;
  };
}

function limit(socket: Duplex, connected: string, timeoutMs: number, peer: string): void {
  const timer = setTimeout(() => {
    socket.destroy(
      transportError("ConnectTimeout", `Cannot reach ${peer}: no connection within ${timeoutMs} ms`),
    );
  }, timeoutMs);
  const stop = () => clearTimeout(timer);
  socket.once(connected, stop);
  socket.once("close", stop);
}

function tunnelThrough(proxy: URL, agent: SecureAgent): void {
  const { connect } = process.getBuiltinModule("node:tls");
  agent.createConnection = (options, callback) => {
    const { host, port, servername, connectTimeoutMs } = options as ConnectionOptions;
    const peer = `${host?.includes(":") ? `[${host}]` : host}:${port}`;
    openTunnel(proxy, peer).then(
      (tunnel) => {
        const socket = connect({ ...agent.options, socket: tunnel, servername: servername ?? host ?? "" });
        if (connectTimeoutMs) limit(socket, "secureConnect", connectTimeoutMs, peer);
        callback?.(null, socket);
      },
      (error) => callback?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  };
}

/** A kept connection on which bytes came that nobody asked for would answer the next request with them. */
function refuseUnaskedBytes(agent: Agent): void {
  const pool = agent as unknown as {
    keepSocketAlive(socket: MarkedSocket): boolean;
    reuseSocket(socket: MarkedSocket, request: unknown): void;
  };
  const keep = pool.keepSocketAlive.bind(pool);
  const reuse = pool.reuseSocket.bind(pool);
  pool.keepSocketAlive = (socket) => {
    socket[BYTES_READ_WHEN_KEPT] = socket.bytesRead;
    return keep(socket);
  };
  pool.reuseSocket = (socket, request) => {
    reuse(socket, request);
    if (socket[BYTES_READ_WHEN_KEPT] !== socket.bytesRead) socket.destroy();
  };
}
