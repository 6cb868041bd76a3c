/** botocore in a process of its own, asked one case at a time. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Outcome } from "./compare.js";

export type OracleCase = CallCase | PresignCase | PostCase;

interface CallCase {
  readonly kind: "call";
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
  readonly response: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
}

interface PresignCase {
  readonly kind: "presign";
  readonly service: string;
  readonly operation: string;
  readonly input: unknown;
}

interface PostCase {
  readonly kind: "post";
  readonly service: string;
  readonly input: unknown;
}

/** Nothing of the machine's own settings, but for whether botocore signs by its native extension. */
export const ENVIRONMENT = {
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  AWS_EC2_METADATA_DISABLED: "true",
  PATH: process.env.PATH,
  BOTO_DISABLE_CRT: process.env.BOTO_DISABLE_CRT,
};

export class Botocore {
  readonly #process: ChildProcess;
  readonly #waiting: { resolve: (outcome: Outcome) => void; reject: (error: Error) => void }[] = [];

  constructor(python: string) {
    this.#process = spawn(python, ["-W", "ignore", "test/oracle/oracle.py"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: ENVIRONMENT,
    });
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Outcome);
    });
    this.#process.on("exit", (code) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(new Error(`botocore's process ended with ${code}`));
    });
  }

  call(each: OracleCase): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin?.write(`${JSON.stringify(each)}\n`);
    });
  }

  stop(): void {
    this.#process.stdin?.end();
    this.#process.kill();
  }
}
