/** A WebSocket that reconnects, and what was subscribed to on it. */

import { belongs, type Channel } from './channel.js'
import type { Client } from './client.js'
import { pause } from './retry.js'
import { Subscription, type Policy } from './subscription.js'

/** What is needed of a socket: the global `WebSocket` and that of the package `ws` have it. */
export interface Socket {
  binaryType: string
  send(text: string): void
  close(): void
  addEventListener(type: 'message' | 'close' | 'error', listener: (event: { readonly data?: unknown }) => void): void
}

/** `ready` is after the server's first `system` frame: what is sent before is lost without a word. */
export type StreamState = 'connecting' | 'waiting' | 'ready' | 'reconnecting' | 'closed'

/** What a stream may be told; everything has a default. */
export interface StreamOptions {
  /**
   * Opens a socket, the global `WebSocket` by default. It is called for every connection, so that it can
   * ask for a fresh session first and send headers where the runtime lets it.
   */
  readonly open?: ((url: string) => Socket | Promise<Socket>) | undefined
  /** Added to the address, such as `{ oauth_token }`. */
  readonly query?: Readonly<Record<string, string>> | undefined
  /** Milliseconds from opening until the stream has to be ready, 15,000 by default. */
  readonly readyTimeout?: number | undefined
  /** Milliseconds without a frame after which the connection is taken for dead, 90,000 by default. */
  readonly silence?: number | undefined
  /** Milliseconds between pings, 60,000 by default. */
  readonly ping?: number | undefined
  /** The longest wait between two attempts to connect, 60,000 ms by default. */
  readonly cap?: number | undefined
  /** Closes the stream. */
  readonly signal?: AbortSignal | undefined
  /**
   * Told of every change, with what failed, if anything did. Nothing is replayed after `reconnecting`: when it
   * is `ready` again, ask for orders and trades by REST.
   */
  readonly onState?: ((state: StreamState, reason?: unknown) => void) | undefined
}

/** What one subscriber may choose. */
export interface SubscribeOptions {
  /** `all` keeps every frame in order, `latest` merges those that nobody read yet into one. */
  readonly policy?: Policy | undefined
  /** Frames that wait unread at most, 10,000 by default; beyond it the subscription fails. */
  readonly buffer?: number | undefined
}

interface Topic {
  readonly channel: Channel<unknown>
  readonly subscribers: Set<Subscription<unknown>>
  /** The messages to begin with: subscribing again with other fields adds them. */
  readonly messages: Set<string>
  last: unknown
}

/**
 * One connection to `/v1/api/ws`, made anew whenever it breaks, and everything that is wanted of it.
 *
 *     const stream = new Stream(client)
 *     for await (const quote of stream.subscribe(marketData({ conid: 265598, fields: ['31', '84'] }))) ...
 */
export class Stream {
  readonly #url: string
  readonly #options: StreamOptions
  readonly #topics = new Map<string, Topic>()
  readonly #end = new AbortController()
  #socket: Socket | undefined
  #state: StreamState = 'connecting'
  #attempt = 0
  /** Frames that were no JSON, such as echoes. */
  ignored = 0

  constructor(client: Pick<Client, 'origin'>, options: StreamOptions = {}) {
    const query = String(new URLSearchParams(options.query))
    this.#url = `${client.origin.replace(/^http/, 'ws')}/v1/api/ws${query && `?${query}`}`
    this.#options = options
    options.signal?.addEventListener('abort', () => this.close(), { once: true })
    void this.#run()
  }

  get state(): StreamState {
    return this.#state
  }

  /** Subscribes; iterate over what it gives, and the subscription ends when the iteration does. */
  subscribe<Payload>(channel: Channel<Payload>, options: SubscribeOptions = {}): Subscription<Payload> {
    const topic = this.#topic(channel as Channel<unknown>)
    const subscription = new Subscription<unknown>(options.policy ?? 'all', options.buffer ?? 10_000, () =>
      this.#leave(topic, subscription),
    )
    if (this.#state === 'closed') subscription.finish()
    else topic.subscribers.add(subscription)
    if (channel.begin && !topic.messages.has(channel.begin)) {
      topic.messages.add(channel.begin)
      this.#send(channel.begin)
    }
    return subscription as Subscription<Payload>
  }

  /** Closes the connection and ends all iterations. */
  close(): void {
    if (this.#state === 'closed') return
    this.#become('closed')
    this.#end.abort()
    this.#socket?.close()
    for (const { subscribers } of this.#topics.values()) for (const one of subscribers) one.finish()
    this.#topics.clear()
  }

  #topic(channel: Channel<unknown>): Topic {
    const topic = this.#topics.get(channel.key) ?? { channel, subscribers: new Set(), messages: new Set(), last: undefined }
    this.#topics.set(channel.key, topic)
    return topic
  }

  #leave(topic: Topic, subscription: Subscription<unknown>): void {
    topic.subscribers.delete(subscription)
    if (topic.subscribers.size || this.#topics.get(topic.channel.key) !== topic) return
    this.#topics.delete(topic.channel.key)
    const message = topic.messages.size ? topic.channel.end(topic.last) : undefined
    if (message) this.#send(message)
  }

  #send(message: string): void {
    if (this.#state === 'ready') this.#socket?.send(message)
  }

  async #run(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const reason = await this.#connection().catch((error: unknown) => error)
      if (this.#end.signal.aborted) return
      this.#become('reconnecting', reason)
      const most = Math.min(this.#options.cap ?? 60_000, 500 * 2 ** this.#attempt++)
      await pause(Math.random() * most, this.#end.signal).catch(() => 'closed')
    }
  }

  /** Lives as long as one connection; gives why it ended. */
  async #connection(): Promise<unknown> {
    const open = this.#options.open ?? ((url: string): Socket => new WebSocket(url))
    const socket = await open(this.#url)
    this.#socket = socket
    socket.binaryType = 'arraybuffer'
    if (this.#end.signal.aborted) socket.close()
    const clocks = new Clocks()
    const { readyTimeout = 15_000, silence = 90_000, ping = 60_000 } = this.#options
    try {
      return await new Promise<unknown>((resolve) => {
        const give = (reason: unknown) => {
          resolve(reason)
          socket.close()
        }
        const alive = clocks.restartable(silence, () => give(`no frame for ${silence} ms`))
        clocks.once(readyTimeout, () => this.#state === 'ready' || give(`not ready after ${readyTimeout} ms`))
        clocks.every(ping, () => this.#send('tic'))
        socket.addEventListener('close', () => resolve('the connection was closed'))
        socket.addEventListener('error', (event) => give(event))
        socket.addEventListener('message', ({ data }) => {
          alive()
          this.#receive(data, clocks, give)
        })
        this.#become('waiting')
      })
    } finally {
      clocks.stop()
    }
  }

  #receive(data: unknown, clocks: Clocks, give: (reason: unknown) => void): void {
    const frame = frameOf(data)
    if (!frame) {
      this.ignored++
      return
    }
    const topic = String(frame['topic'] ?? ('error' in frame ? 'error' : ''))
    if (topic === 'system' && 'success' in frame && this.#state !== 'ready') this.#begin(clocks)
    for (const one of this.#topics.values()) {
      if (!belongs(topic, one.channel.key)) continue
      one.last = frame
      for (const subscription of one.subscribers) subscription.push(frame)
    }
    const status = frame['args'] as { authenticated?: unknown } | undefined
    if (topic === 'sts' && status?.authenticated === false) give('the brokerage session ended')
  }

  /** Subscribes to all that is wanted, now that the server listens. */
  #begin(clocks: Clocks): void {
    this.#attempt = 0
    this.#become('ready')
    for (const { messages } of this.#topics.values()) for (const message of messages) this.#send(message)
    clocks.every(1_000, () => this.#refresh())
  }

  readonly #begun = new WeakMap<Topic, number>()

  /** Subscribes again, before the server ends it, to what it would end. */
  #refresh(): void {
    const now = performance.now()
    for (const topic of this.#topics.values()) {
      const since = this.#begun.get(topic) ?? now
      const due = topic.channel.refresh !== undefined && now - since >= topic.channel.refresh * 1_000
      if (due) for (const message of topic.messages) this.#send(message)
      this.#begun.set(topic, due ? now : since)
    }
  }

  #become(state: StreamState, reason?: unknown): void {
    if (this.#state === 'closed') return
    this.#state = state
    this.#options.onState?.(state, reason)
  }
}

/** The timers of one connection. */
class Clocks {
  readonly #stops: (() => void)[] = []

  once(milliseconds: number, run: () => void): void {
    const timer = setTimeout(run, milliseconds)
    this.#stops.push(() => clearTimeout(timer))
  }

  every(milliseconds: number, run: () => void): void {
    const timer = setInterval(run, milliseconds)
    this.#stops.push(() => clearInterval(timer))
  }

  /** Runs unless it is called again in time. */
  restartable(milliseconds: number, run: () => void): () => void {
    let timer = setTimeout(run, milliseconds)
    this.#stops.push(() => clearTimeout(timer))
    return () => {
      clearTimeout(timer)
      timer = setTimeout(run, milliseconds)
    }
  }

  stop(): void {
    for (const stop of this.#stops) stop()
  }
}

/** A frame, of which text may come as bytes that are not quite UTF-8; nothing for what is no JSON object. */
function frameOf(data: unknown): Record<string, unknown> | undefined {
  const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer)
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : undefined
  } catch {
    return undefined // an echo, or a frame cut in pieces: the stream counts those
  }
}
