/** When a call is made again: reads may be, whatever changes something is not. */

import { TransportError } from './errors.js'
import type { Middleware } from './http.js'

/**
 * How often and how soon a failed read is made again.
 *
 * Calls that change something are never made again, whatever is set here: an order that timed out may
 * have been placed. Waits are `random * min(cap, base * 2 ** n)` milliseconds ("full jitter"), at least
 * what `Retry-After` asks for. A 429 is only tried again after a stated `Retry-After`: calling into
 * IBKR's penalty box prolongs it.
 */
export interface Retry {
  /** Attempts in all, 3 by default. */
  readonly attempts?: number
  /** Milliseconds, 250 by default. */
  readonly base?: number
  /** Milliseconds, 4,000 by default. */
  readonly cap?: number
  /** Milliseconds from the first attempt beyond which no wait ends, 30,000 by default. */
  readonly deadline?: number
  /** 429, 500, 502, 503 and 504 by default. */
  readonly statuses?: readonly number[]
  /** Also for calls of which a repeat changes nothing more, such as opening the brokerage session. */
  readonly idempotent?: boolean
}

/** A middleware that makes failed reads again. */
export function retrying(settings: Retry = {}): Middleware {
  const { attempts = 3, base = 250, cap = 4_000, deadline = 30_000, idempotent } = settings
  const { statuses = [429, 500, 502, 503, 504] } = settings
  return async (request, next) => {
    const { idempotency } = request.operation
    const mayRepeat = idempotency === 'safe' || (idempotent && idempotency === 'idempotent')
    const end = performance.now() + deadline
    for (let attempt = 1; ; attempt++) {
      let failure: unknown
      const answer = await next(request).catch((error: unknown) => void (failure = error))
      const asked = milliseconds(answer?.headers.get('retry-after') ?? '')
      const isPassing = answer
        ? statuses.includes(answer.status) && (answer.status !== 429 || !Number.isNaN(asked))
        : failure instanceof TransportError && failure.isRetryable
      const wait = Math.max(asked || 0, Math.random() * Math.min(cap, base * 2 ** (attempt - 1)))
      if (!isPassing || !mayRepeat || attempt >= attempts || performance.now() + wait > end) {
        if (answer) return answer
        throw failure
      }
      await pause(wait, request.signal)
    }
  }
}

/** What a server asks for in seconds, or by naming a time; no number when it asks for nothing. */
function milliseconds(stated: string): number {
  return Number(stated) * 1_000 || Date.parse(stated) - Date.now()
}

/** Waits; rejects with the reason of a signal that ends it. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      if (signal?.aborted) reject(signal.reason as Error)
      else resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
  })
}
