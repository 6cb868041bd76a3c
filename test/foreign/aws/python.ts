/** The one virtual environment of everything here that is Python: boto3, botocore and moto. */
import { type Python, pythonOf } from "../python.js";

/** Variables of a Python program that must not meet the machine's own settings. */
export const PYTHON_ENV = {
  PATH: process.env.PATH,
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  AWS_EC2_METADATA_DISABLED: "true",
  PYTHONDONTWRITEBYTECODE: "1",
} as const;

/** The interpreter, or why there is none. */
export function awsPython(): Python {
  return pythonOf("aws", "boto3 and moto did not run");
}
