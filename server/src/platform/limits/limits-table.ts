/** The table all counts in the database are in. */
export const LIMITS_TABLE = 'rate_limits'
