/** The one virtual environment of everything here that is Python: boto3, botocore and moto. */
import { readFileSync } from "node:fs";
import { venv } from "../../../tools/venv.js";

const REQUIREMENTS = "test/foreign/aws/python-requirements.txt";

/** Variables of a Python program that must not meet the machine's own settings. */
export const PYTHON_ENV = {
  PATH: process.env.PATH,
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  AWS_EC2_METADATA_DISABLED: "true",
  PYTHONDONTWRITEBYTECODE: "1",
} as const;

/** The interpreter, or why there is none. */
export function awsPython():
  | { readonly python: string; readonly skip: false }
  | { readonly python: undefined; readonly skip: string } {
  try {
    const python = venv("aws", readFileSync(REQUIREMENTS, "utf8").trim().split("\n"));
    if (python !== undefined) return { python, skip: false };
    return { python, skip: "python3 absent: boto3 and moto did not run" };
  } catch {
    return { python: undefined, skip: "boto3 and moto could not be installed: they did not run" };
  }
}
