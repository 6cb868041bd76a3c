export type CloudName = "aws" | "azure" | "gcp";
