/** The entry point of streams. */

export type { Channel } from './channel.js'
export {
  Stream,
  type Socket,
  type StreamOptions,
  type StreamState,
  type SubscribeOptions,
} from './stream.js'
export { StreamOverflow, type Policy, type Subscription } from './subscription.js'
