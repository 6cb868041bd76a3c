/** Which proxy a request takes, by the environment variables that every tool reads; and the tunnel through it. */
import type { Socket } from "node:net";
import { transportError } from "./transport-error.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an origin, or undefined for a direct connection: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in lower case
 * first. Loopback and link-local addresses (metadata services) never take a proxy.
 */
export function proxyOf(origin: URL, env: Environment): URL | undefined {
  const read = (name: string) => env[name.toLowerCase()] || env[name];
  const value = read(origin.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY");
  if (value === undefined || isLocal(origin.hostname)) return undefined;
  if (isExcluded(origin, read("NO_PROXY") ?? "")) return undefined;
  const url = value.includes("://") ? value : `http://${value}`;
  const proxy = URL.canParse(url) ? new URL(url) : undefined;
  if (proxy === undefined || (proxy.protocol !== "http:" && proxy.protocol !== "https:")) {
    throw transportError("ProxyFailed", "Cannot use the proxy: its address must be an http or https URL");
  }
  return proxy;
}

function isLocal(hostname: string): boolean {
  return isLoopback(hostname) || hostname.startsWith("169.254.") || hostname === "[fd00:ec2::254]";
}

export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    hostname === "::1" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

/** `example.com` and `.example.com` cover the domain and what is below it; `host:port` that port; `*` all. */
function isExcluded(origin: URL, list: string): boolean {
  const port = portOf(origin);
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (entryPort !== undefined && entryPort !== port) return false;
    const domain = name.replace(/^\*?\./, "").toLowerCase();
    return origin.hostname === domain || origin.hostname.endsWith(`.${domain}`);
  });
}

export function portOf(url: URL): string {
  return url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80";
}

/** `Proxy-Authorization` of a proxy URL that carries a user. */
export function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === "") return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
}

/** A socket that leads through the proxy to `host:port`, before TLS. */
export function openTunnel(proxy: URL, target: string): Promise<Socket> {
  const { request } = process.getBuiltinModule(proxy.protocol === "https:" ? "node:https" : "node:http");
  return new Promise((resolve, reject) => {
    const connect = request({
      host: proxy.hostname,
      port: portOf(proxy),
      method: "CONNECT",
      path: target,
      headers: { host: target, ...proxyAuthorization(proxy) },
      agent: false,
    });
    connect.on("connect", (response, socket) => {
      if (response.statusCode === 200) {
        resolve(socket as Socket);
        return;
      }
      socket.destroy();
      const message = `The proxy ${proxy.host} refused a tunnel to ${target}: status ${response.statusCode}`;
      reject(transportError("ProxyFailed", message));
    });
    connect.on("response", (response) => {
      response.destroy();
      reject(
        transportError(
          "ProxyFailed",
          `The proxy ${proxy.host} does not tunnel: status ${response.statusCode}`,
        ),
      );
    });
    connect.on("error", (cause) => {
      reject(transportError("ProxyFailed", `Cannot reach the proxy ${proxy.host}: ${cause.message}`, cause));
    });
    connect.end();
  });
}
