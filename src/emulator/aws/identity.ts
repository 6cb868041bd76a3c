/** Who there is in the emulated AWS before anybody is made: the root user of one account. */

export const ROOT_ACCOUNT = "000000000000";
export const ROOT_ACCESS_KEY_ID = "test";
export const ROOT_SECRET_ACCESS_KEY = "test";
