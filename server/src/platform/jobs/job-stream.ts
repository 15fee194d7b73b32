import type { Bus, BusMessage } from '../events/bus.ts'
import { streamTopic } from '../events/event-log.ts'

/** Announced with the ids of jobs that changed. */
export const JOBS_CHANGED_TOPIC = 'jobs:changed'
/** So many ids fit into one notification. */
const MOST_IDS = 150

/** The stream of what happens to a job. Its events are numbered by the job's `revision`. */
export function jobStream(id: string): string {
  return `job:${id}`
}

/** What to say on the bus when jobs changed: few messages, however many jobs. */
export function jobsChanged(ids: readonly string[]): BusMessage[] {
  const messages: BusMessage[] = []
  for (let from = 0; from < ids.length; from += MOST_IDS) {
    messages.push({ topic: JOBS_CHANGED_TOPIC, payload: ids.slice(from, from + MOST_IDS).join(' ') })
  }
  return messages
}

/** Tells this process that these jobs have changed, and has the others told. Call it after the commit. */
export function announceJobs(bus: Pick<Bus, 'publish' | 'tell'>, ids: readonly string[]): void {
  const messages = jobsChanged(ids)
  for (const { topic, payload } of messages) bus.publish(topic, payload)
  bus.tell(messages)
}

/** Wakes those in this process who follow a job when it changed anywhere; returns how to stop that. */
export function relayJobChanges(bus: Pick<Bus, 'subscribe' | 'publish'>): () => void {
  return bus.subscribe(JOBS_CHANGED_TOPIC, (ids) => {
    for (const id of ids.split(' ')) bus.publish(streamTopic(jobStream(id)), '')
  })
}

/** Announced with the id of a job that was cancelled. */
export const CANCEL_TOPIC = 'jobs:cancel'
