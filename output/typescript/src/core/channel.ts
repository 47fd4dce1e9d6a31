/** Topics of the WebSocket: what is sent to begin and to end one, and which frames belong to it. */

/** One topic to subscribe to. `Payload` is the type of its frames. */
export interface Channel<Payload> {
  /** What frames say in `topic`. */
  readonly key: string
  /** The message that begins it; nothing where the server sends unasked. */
  readonly begin: string | undefined
  /**
   * The message that ends it, given a frame of it; nothing where it takes an id that this frame does not have.
   * Topics that cannot be ended have no such method.
   */
  end?(frame: Payload | undefined): string | undefined
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
    /** A field of its frames that ends the target, such as the id of a stream. */
    readonly from?: string
    readonly args: boolean
  }
}

/** A channel from its grammar. */
export function channel<Payload>({ topic, target, args, unasked, refresh, end }: Grammar): Channel<Payload> {
  return {
    key: message(topic, target),
    begin: unasked ? undefined : message(topic, target, args && JSON.stringify(args)),
    refresh,
    ...(end && { end: (frame) => ending(end, frame) }),
  }
}

function ending({ topic, target, from, args }: NonNullable<Grammar['end']>, frame: unknown): string | undefined {
  const found = from === undefined ? undefined : (frame as Record<string, string | undefined> | undefined)?.[from]
  if (from !== undefined && found === undefined) return undefined
  return message(topic, [...target, found], args ? '{}' : undefined)
}

/** `smd+265598+{"fields":["31"]}` */
function message(topic: string, target: readonly (string | number | undefined)[], args?: string): string {
  return [topic, ...target, args].filter((part) => part !== undefined).join('+')
}

/** Whether a frame of this topic belongs to a channel: frames leave exchanges out. */
export function belongs(topic: string, key: string): boolean {
  return topic === key || key.startsWith(`${topic}+`) || key.replace(/@[^+]*/, '') === topic
}
