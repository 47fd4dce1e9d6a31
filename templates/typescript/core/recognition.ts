/**
 * What an answer that says no means: tables of texts and statuses, and the shapes of envelopes.
 *
 * Texts are IBKR's own and short parts of them; a text that is not here keeps the class of its status.
 */

import * as errors from './errors.js'
import type { JsonValue } from './json.js'

type Refusal = typeof errors.ApiError

const BY_TEXT: readonly (readonly [RegExp, Refusal])[] = [
  [/\bno bridge\b|^not authenticated$/i, errors.NoBrokerageSession],
  [/query \/(iserver\/)?accounts/i, errors.AccountsNotQueried],
  [/invalid consumer|consumer .*not (active|registered)/i, errors.ConsumerNotActive],
  [/competing/i, errors.CompetingSession],
  [/maintenance/i, errors.Maintenance],
  [/reply id not found|reply .*not found/i, errors.ReplyNotFound],
  [/order ?id .*(doesn'?t|does not) exist/i, errors.OrderNotFound],
  [/already registered|duplicate order/i, errors.DuplicateOrderId],
  [
    /insufficient|(available funds|buying power|cash|equity|margin) .*(in order|required)/i,
    errors.InsufficientFunds,
  ],
  [/(no|not have|lack|without) .*permission/i, errors.NoTradingPermission],
  [/market .*closed|exchange is closed|outside .*trading hours/i, errors.MarketClosed],
  [
    /price .*(cap\b|exceeds|too far|percentage|away from|tick|variation)|too far/i,
    errors.PriceOutOfRange,
  ],
  [
    /no (symbol|sec ?defs?|contracts?|security definition)s? .*(found|returned|retrieved)|no (symbol|contracts?)s? found/i,
    errors.ContractNotFound,
  ],
]

const BY_STATUS: Readonly<Record<number, Refusal>> = {
  400: errors.BadRequest,
  401: errors.NotAuthenticated,
  403: errors.PermissionDenied,
  404: errors.NotFound,
  409: errors.Conflict,
  410: errors.Gone,
  411: errors.LengthRequired,
  429: errors.RateLimited,
  503: errors.ServiceUnavailable,
}

/** Statuses whose meaning a text may narrow to another state of the session, and to nothing else. */
const DEFINITE = [401, 403, 429]

/**
 * The error of an answer: by what its text is known to mean, else by its status.
 *
 * Status 0 is a redirect whose target the browser hides: as far as is known only to the login page.
 */
export function errorClass(status: number, location: string, said: string): Refusal {
  if (status < 200) return errors.NotAuthenticated
  if (status >= 300 && status < 400) {
    return /\/sso\/(Login|Dispatcher)/.test(location) ? errors.NotAuthenticated : errors.UnexpectedRedirect
  }
  const known = BY_TEXT.find(([pattern]) => pattern.test(said))?.[1]
  const narrows = known && known.prototype instanceof errors.SessionError
  if (known && (!DEFINITE.includes(status) || (narrows && status !== 429))) return known
  if (status < 300) return errors.Rejected
  return BY_STATUS[status] ?? (status >= 500 ? errors.ServerError : errors.ApiError)
}

const NAMES = ['error_description', 'error', 'errorMessage', 'error_message', 'detail', 'message', 'title']
const MESSAGE_LENGTH = 300

/** What an error body says is wrong, in whatever shape IBKR says it. */
export function messageOf(body: unknown): string {
  if (typeof body === 'string') return fromText(body)
  if (Array.isArray(body)) return messageOf(body[0])
  if (!isObject(body)) return ''
  for (const name of NAMES) {
    const found = body[name]
    if (typeof found === 'string' && found) return found.slice(0, MESSAGE_LENGTH)
    if (isFilled(found)) return messageOf(found)
  }
  return messageOf(isFilled(body['errors']) ? body['errors'] : body['failure_list'])
}

/**
 * The message of an error inside a success; empty when there is none.
 *
 * It is one when the top object, or the first row of a list, has an `error` that says something, or
 * says `success: false`. An `error` further inside, such as that of `hmds` in a tickle, is none.
 */
export function refusal(body: JsonValue): string {
  const top = Array.isArray(body) ? body[0] : body
  if (!isObject(top)) return ''
  const error = top['error']
  // Presets of advisors say None where there is no error.
  const says = typeof error === 'string' ? !/^(None|null)?$/.test(error) : isFilled(error) && !Array.isArray(error)
  if (says) return messageOf(top) || 'refused'
  return top['success'] === false ? messageOf(top) || 'refused without a reason' : ''
}

/** Whether a text is an HTML page. */
export function isPage(text: string): boolean {
  return /^\s*<(!doctype html|html|head|body|h1)/i.test(text)
}

function fromText(text: string): string {
  const title = /<(title|h[1-6])[^>]*>\s*(.*?)\s*<\/\1/is.exec(text)
  return (title?.[2] ?? text).replace(/\s+/g, ' ').trim().slice(0, MESSAGE_LENGTH)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}
