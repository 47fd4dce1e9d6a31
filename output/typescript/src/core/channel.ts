/** Topics of the WebSocket: what is sent to begin and to end one, and which frames belong to it. */

import type { JsonValue } from './json.js'

/** One topic to subscribe to. `Payload` is the type of its frames. */
export interface Channel<Payload> {
  /** What frames say in `topic`. */
  readonly key: string
  /** The message that begins it; nothing where the server sends unasked. */
  readonly begin: string | undefined
  /** The message that ends it, given the last frame that came. */
  readonly end: (last: Payload | undefined) => string | undefined
  /** Seconds after which to subscribe again, where the server ends a subscription by itself. */
  readonly refresh: number | undefined
}

/** How a topic is spoken about. */
export interface Grammar {
  readonly topic: string
  /** What stands between the topic and the arguments. */
  readonly target: readonly (string | number | undefined)[]
  /** The arguments; nothing where the message has no place for any. */
  readonly args: object | undefined
  readonly unasked?: boolean
  readonly refresh?: number
  readonly end?: {
    readonly topic: string
    readonly target: readonly (string | number | undefined)[]
    /** A field of the last frame that ends the target, such as the id of a stream. */
    readonly from?: string
    readonly args: boolean
  }
}

/** A channel from its grammar. */
export function channel<Payload>({ topic, target, args, unasked, refresh, end }: Grammar): Channel<Payload> {
  return {
    key: message(topic, target),
    begin: unasked ? undefined : message(topic, target, args && JSON.stringify(args)),
    end: (last) => {
      const found = end?.from ? (last as Record<string, JsonValue> | undefined)?.[end.from] : undefined
      if (!end || (end.from && found === undefined)) return undefined
      return message(end.topic, [...end.target, found as string | undefined], end.args ? '{}' : undefined)
    },
    refresh,
  }
}

/** `smd+265598+{"fields":["31"]}` */
function message(topic: string, target: readonly (string | number | undefined)[], args?: string): string {
  return [topic, ...target, args].filter((part) => part !== undefined).join('+')
}

/** Whether a frame of this topic belongs to a channel: frames leave exchanges out. */
export function belongs(topic: string, key: string): boolean {
  return topic === key || key.startsWith(`${topic}+`) || key.replace(/@[^+]*/, '') === topic
}
