/** When a call is made again: reads may be, whatever changes something is not. */

import type { HttpAnswer, Middleware } from './client.js'
import { TransportError } from './errors.js'

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
  readonly attempts: number
  /** Milliseconds, 250 by default. */
  readonly base: number
  /** Milliseconds, 4,000 by default. */
  readonly cap: number
  /** Milliseconds from the first attempt beyond which no wait begins, 30,000 by default. */
  readonly deadline: number
  readonly statuses: readonly number[]
  /** Also for calls of which a repeat changes nothing more, such as opening the brokerage session. */
  readonly idempotent: boolean
}

const DEFAULTS: Retry = {
  attempts: 3,
  base: 250,
  cap: 4_000,
  deadline: 30_000,
  statuses: [429, 500, 502, 503, 504],
  idempotent: false,
}

/** A middleware that makes failed reads again. */
export function retrying(settings: Partial<Retry> = {}): Middleware {
  const policy = { ...DEFAULTS, ...settings }
  return async (request, next) => {
    const { idempotency } = request.operation
    const repeatable = idempotency === 'safe' || (policy.idempotent && idempotency === 'idempotent')
    const started = performance.now()
    for (let attempt = 1; ; attempt++) {
      const outcome = await next(request).catch((error: unknown) => {
        if (error instanceof TransportError && error.isRetryable) return error
        throw error
      })
      const wait = repeatable && attempt < policy.attempts ? delay(policy, attempt, outcome) : undefined
      if (wait === undefined || performance.now() - started + wait > policy.deadline) return answered(outcome)
      await pause(wait, request.signal)
    }
  }
}

function answered(outcome: HttpAnswer | TransportError): HttpAnswer {
  if (outcome instanceof TransportError) throw outcome
  return outcome
}

/** Milliseconds to wait after an attempt; nothing when it was the last word. */
function delay(policy: Retry, attempt: number, outcome: HttpAnswer | TransportError): number | undefined {
  const jitter = Math.random() * Math.min(policy.cap, policy.base * 2 ** (attempt - 1))
  if (outcome instanceof TransportError) return jitter
  const asked = retryAfter(outcome)
  const isFinal = !policy.statuses.includes(outcome.status) || (outcome.status === 429 && asked === undefined)
  return isFinal ? undefined : Math.max(asked ?? 0, jitter)
}

/** The milliseconds that a server asks for, also when it names a time. */
function retryAfter({ headers }: HttpAnswer): number | undefined {
  const stated = headers.get('retry-after') ?? ''
  const wait = /^\d+$/.test(stated) ? Number(stated) * 1_000 : Date.parse(stated) - Date.now()
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

/** Waits; rejects with the reason of a signal that ends it. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, milliseconds)
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end, { once: true })
  })
}
