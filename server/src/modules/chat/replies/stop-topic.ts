/** Announced with the id of a reply that is to stop. */
export const STOP_TOPIC = 'chat:stop'
