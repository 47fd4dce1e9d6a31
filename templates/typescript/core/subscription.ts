/** What one subscriber has not read yet. */

/**
 * `all` keeps every frame in order. `latest` merges those that nobody read yet into one, field by field: right
 * for quotes, wrong for what comes in lists, such as orders and trades.
 */
export type Policy = 'all' | 'latest'

/** More frames waited unread than the subscriber allowed: it reads too slowly, and some would be lost. */
export class StreamOverflow extends Error {
  override name = 'StreamOverflow'
}

/** The frames of one channel, for one reader: an async iterator that ends its subscription when it ends. */
export class Subscription<Payload> implements AsyncIterableIterator<Payload, undefined> {
  readonly #policy: Policy
  readonly #limit: number
  readonly #leave: () => void
  readonly #unread: Payload[] = []
  readonly #readers: Reader<Payload>[] = []
  #failure: StreamOverflow | undefined
  #isDone = false

  constructor(policy: Policy, limit: number, leave: () => void) {
    this.#policy = policy
    this.#limit = limit
    this.#leave = leave
  }

  /** Frames that wait to be read. */
  get waiting(): number {
    return this.#unread.length
  }

  /** Takes a frame. */
  push(frame: Payload): void {
    const reader = this.#readers.shift()
    if (reader) reader.resolve({ done: false, value: frame })
    else if (this.#policy === 'latest' && this.#unread.length) this.#unread[0] = { ...this.#unread[0], ...frame } as Payload
    else if (this.#unread.length < this.#limit) this.#unread.push(frame)
    else this.#overflow()
  }

  /** Ends the iteration after what is unread. */
  finish(): void {
    this.#isDone = true
    for (const { resolve } of this.#readers.splice(0)) resolve({ done: true, value: undefined })
  }

  next(): Promise<IteratorResult<Payload, undefined>> {
    if (this.#unread.length) return Promise.resolve({ done: false, value: this.#unread.shift() as Payload })
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#readers.push({ resolve }))
  }

  /** Ends the subscription; a `for await` calls it when it is left. */
  return(): Promise<IteratorResult<Payload, undefined>> {
    this.#unread.length = 0
    this.finish()
    this.#leave()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #overflow(): void {
    this.#failure = new StreamOverflow(`more than ${this.#limit} frames wait unread`)
    this.finish()
    this.#leave()
  }
}

interface Reader<Payload> {
  readonly resolve: (result: IteratorResult<Payload, undefined>) => void
}
