/** A WebSocket that reconnects, and what was subscribed to on it. */

import { belongs, type Channel } from './channel.js'
import type { Client } from './client.js'
import { Subscription, type Policy } from './subscription.js'

/** What is needed of a socket: the global `WebSocket` and that of the package `ws` have it. */
export interface Socket {
  binaryType: string
  /** 1 while it is open. */
  readonly readyState: number
  send(text: string): void
  close(): void
  addEventListener(type: 'message' | 'close' | 'error', listener: (event: SocketEvent) => void): void
}

/** What is read of the events of a socket, each of which has one of these. */
export interface SocketEvent {
  readonly data?: unknown
  readonly code?: unknown
  readonly error?: unknown
}

/** `ready` is after the server's first `system` frame: what is sent before is lost without a word. */
export type StreamState = 'connecting' | 'waiting' | 'ready' | 'reconnecting' | 'closed'

/** What a stream may be told; everything has a default. */
export interface StreamOptions {
  /**
   * Makes a socket, the global `WebSocket` by default, and need not wait until it is open. It is called for
   * every connection, so that it can ask for a fresh session first and send headers where the runtime lets it:
   *
   *     open: async (url) => new WebSocket(url, { headers: { Cookie: await cookie() }, skipUTF8Validation: true })
   *
   * That is the `WebSocket` of `ws`. Without the last option, as everywhere else, a frame that is not quite
   * UTF-8 breaks the connection, and IBKR sends such.
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
   * is `ready` again, ask for orders and trades by REST. What it throws nobody catches, as with any listener
   * of events, and the stream goes on.
   */
  readonly onState?: ((state: StreamState, reason?: unknown) => void) | undefined
}

/** What one subscriber may choose. */
export interface SubscribeOptions {
  /** What happens to frames that nobody read yet, `all` by default. */
  readonly policy?: Policy | undefined
  /** Frames that wait unread at most, 10,000 by default; beyond it the subscription fails. */
  readonly buffer?: number | undefined
}

interface Topic {
  readonly channel: Channel<unknown>
  /** Each with the message it began with: subscribing again with other fields adds them. */
  readonly subscribers: Map<Subscription<unknown>, string | undefined>
  /** The messages that end what the server sends now, as far as its frames told them. */
  readonly endings: Set<string>
  readonly renewal: ReturnType<typeof setInterval> | undefined
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
  #stage = new Stage()
  #state: StreamState = 'connecting'
  /** Frames that were no JSON objects, such as echoes. */
  ignored = 0

  constructor(client: Pick<Client, 'origin'>, options: StreamOptions = {}) {
    const query = String(new URLSearchParams(options.query))
    this.#url = `${client.origin.replace(/^http/, 'ws')}/v1/api/ws${query && `?${query}`}`
    this.#options = options
    options.signal?.addEventListener('abort', () => this.close(), { once: true, signal: this.#end.signal })
    void this.#run()
  }

  get state(): StreamState {
    return this.#state
  }

  /**
   * Subscribes; iterate over what it gives, and the subscription ends when the iteration does.
   *
   * The server is asked even if others read the same topic, so that the first frames hold everything here
   * too; those others see them as well.
   */
  subscribe<Payload>(channel: Channel<Payload>, options: SubscribeOptions = {}): Subscription<Payload> {
    const { policy = 'all', buffer = 10_000 } = options
    const subscription = new Subscription<unknown>(policy, buffer, () => this.#leave(channel.key, subscription))
    if (this.#end.signal.aborted) subscription.finish()
    else this.#topic(channel as Channel<unknown>).subscribers.set(subscription, channel.begin)
    if (channel.begin) this.send(channel.begin)
    return subscription as Subscription<Payload>
  }

  /**
   * Sends a message as it is, such as an answer in the dialogue of `optionExercise`, and says whether it did:
   * nothing is sent, nor kept for later, while the stream is not ready.
   */
  send(message: string): boolean {
    const isReady = this.#state === 'ready' && this.#socket?.readyState === 1
    if (isReady) this.#socket?.send(message)
    return isReady
  }

  /** Closes the connection and ends all iterations. */
  close(): void {
    if (this.#end.signal.aborted) return
    this.#end.abort()
    this.#stage.end()
    for (const topic of this.#topics.values()) {
      for (const one of topic.subscribers.keys()) one.finish()
      this.#forget(topic)
    }
    this.#become('closed')
  }

  #topic(channel: Channel<unknown>): Topic {
    const known = this.#topics.get(channel.key)
    if (known) return known
    const { key, refresh } = channel
    const renewal = refresh === undefined ? refresh : setInterval(() => this.#ask(topic), refresh * 1_000)
    const topic: Topic = { channel, subscribers: new Map(), endings: new Set(), renewal }
    this.#topics.set(key, topic)
    return topic
  }

  /** Asks for all that is read of a topic. */
  #ask(topic: Topic): void {
    for (const message of new Set(topic.subscribers.values())) if (message) this.send(message)
  }

  #leave(key: string, subscription: Subscription<unknown>): void {
    const topic = this.#topics.get(key)
    if (topic?.subscribers.delete(subscription) && !topic.subscribers.size) this.#finish(topic)
  }

  /** Ends a topic that nobody reads. If that takes an id, it stays until a frame has told it, or a connection ends. */
  #finish(topic: Topic): void {
    const { channel } = topic
    const endings = new Set([...topic.endings, channel.end?.(undefined)])
    endings.delete(undefined)
    if (channel.end && !endings.size) return
    this.#forget(topic)
    for (const message of endings) this.send(message as string)
  }

  #forget(topic: Topic): void {
    clearInterval(topic.renewal)
    this.#topics.delete(topic.channel.key)
  }

  async #run(): Promise<void> {
    await null // what is told may name the stream: its constructor ends first
    if (this.#options.signal?.aborted) this.close()
    const { cap = 60_000 } = this.#options
    for (let attempt = 0; !this.#end.signal.aborted; attempt++) {
      const began = performance.now()
      const reason = await this.#connection()
      if (this.#end.signal.aborted) return
      this.#become('reconnecting', reason)
      // To have been ready is not enough: without a brokerage session the server greets and then says no.
      if (performance.now() - began > cap) attempt = 0
      await this.#pause(Math.random() * Math.min(cap, 500 * 2 ** attempt))
    }
  }

  /** Lives as long as one connection; gives why it ended. */
  #connection(): Promise<unknown> {
    const stage = (this.#stage = new Stage())
    this.#open(stage).catch((error: unknown) => stage.end(error))
    return stage.ended
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#end.signal.aborted) return
    const stage = (this.#stage = new Stage())
    stage.after(milliseconds, () => stage.end())
    await stage.ended
  }

  async #open(stage: Stage): Promise<void> {
    const { open = (url: string): Socket => new WebSocket(url) } = this.#options
    const { readyTimeout = 15_000, silence = 90_000, ping = 60_000 } = this.#options
    stage.after(readyTimeout, () => this.#state === 'ready' || stage.end(`not ready after ${readyTimeout} ms`))
    const socket = await open(this.#url)
    const alive = stage.after(silence, () => stage.end(`no frame for ${silence} ms`))
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('close', ({ code }) => stage.end(`the connection was closed with code ${String(code)}`))
    socket.addEventListener('error', ({ error }) => stage.end(error ?? 'the connection failed'))
    socket.addEventListener('message', ({ data }) => {
      if (stage.isOver) return
      alive()
      this.#receive(data, stage)
    })
    // After the listeners, even if it is too late for this socket: `ws` throws errors that nobody hears.
    stage.atEnd(() => socket.close())
    if (stage.isOver) return
    this.#socket = socket
    stage.every(ping, () => this.send('tic'))
    this.#become('waiting')
  }

  #receive(data: unknown, stage: Stage): void {
    const frame = frameOf(data)
    if (!frame) {
      this.ignored++
      return
    }
    const topic = String(frame['topic'] ?? ('error' in frame ? 'error' : ''))
    if (topic === 'system' && 'success' in frame && this.#state === 'waiting') this.#begin()
    for (const one of this.#topics.values()) if (belongs(topic, one.channel.key)) this.#deliver(one, frame)
    const status = frame['args'] as { authenticated?: unknown } | null | undefined
    if (topic === 'sts' && status?.authenticated === false) stage.end('the brokerage session ended')
  }

  #deliver(topic: Topic, frame: object): void {
    const ending = topic.channel.end?.(frame)
    if (ending) topic.endings.add(ending)
    if (!topic.subscribers.size) this.#finish(topic)
    for (const subscription of topic.subscribers.keys()) subscription.push(frame)
  }

  /** Asks for all that is wanted, now that the server listens; whoever is told subscribes after that. */
  #begin(): void {
    this.#state = 'ready'
    for (const topic of this.#topics.values()) {
      topic.endings.clear()
      if (topic.subscribers.size) this.#ask(topic)
      else this.#forget(topic)
    }
    this.#become('ready')
  }

  #become(state: StreamState, reason?: unknown): void {
    this.#state = state
    try {
      this.#options.onState?.(state, reason)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

/** What a stream waits for, the end of a connection or the time for the next, and what goes with it. */
class Stage {
  readonly ended: Promise<unknown>
  readonly #cleanups: (() => void)[] = []
  #resolve: (reason: unknown) => void = () => {}
  isOver = false

  constructor() {
    this.ended = new Promise((resolve) => (this.#resolve = resolve))
  }

  end(reason?: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.#resolve(reason)
    for (const run of this.#cleanups) run()
  }

  /** Runs when the stage ends, at once if it has. */
  atEnd(run: () => void): void {
    if (this.isOver) run()
    else this.#cleanups.push(run)
  }

  /** Runs once in time; what it gives starts that anew. */
  after(milliseconds: number, run: () => void): () => void {
    let timer = setTimeout(run, milliseconds)
    this.atEnd(() => clearTimeout(timer))
    return () => {
      clearTimeout(timer)
      timer = setTimeout(run, milliseconds)
    }
  }

  every(milliseconds: number, run: () => void): void {
    const timer = setInterval(run, milliseconds)
    this.atEnd(() => clearInterval(timer))
  }
}

/** A frame, of which text may come as bytes that are not quite UTF-8; nothing for what is no JSON object. */
function frameOf(data: unknown): Record<string, unknown> | undefined {
  try {
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data as ArrayBuffer)
    const frame: unknown = JSON.parse(text)
    return Object(frame) === frame && !Array.isArray(frame) ? (frame as Record<string, unknown>) : undefined
  } catch {
    return undefined // an echo, or a frame cut in pieces: the stream counts those
  }
}
