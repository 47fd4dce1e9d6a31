/**
 * What is known about IBKR's errors: what their texts mean, and what to do about them.
 *
 * Kept apart, so that only those who want it carry the words. The facade has it.
 */

import * as errors from './errors.js'

/** Texts are IBKR's own and short parts of them; a text that is not here keeps the class of its status. */
const BY_TEXT: readonly (readonly [RegExp, typeof errors.ApiError])[] = [
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

/** Statuses whose meaning a text may narrow to another state of the session, and to nothing else. */
const DEFINITE = [401, 403]

const HINTS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [errors.TransportError, 'If the call changes something, ask for the state before you repeat it.'],
  [errors.ConnectError, 'Is the gateway running, and is baseUrl its address?'],
  [errors.ResponseTooLarge, 'Ask for less, or allow more bytes.'],
  [errors.DecodeError, 'All that came is in its bytes.'],
  [errors.HtmlPage, 'A proxy, the edge or a login page answered: look at the address and at the session.'],
  [errors.BadRequest, 'Compare the arguments with what the operation takes.'],
  [errors.PermissionDenied, 'Check the rights of the user, and that a User-Agent is sent.'],
  [errors.NotFound, 'Check the identifiers, and that this address serves the operation.'],
  [errors.ContractNotFound, 'Search the symbol first, in upper case; derivatives need a search of their underlying.'],
  [errors.OrderNotFound, 'List the live orders.'],
  [errors.ReplyNotFound, 'Nothing else may be sent between an order and its reply: look at the orders, then decide.'],
  [errors.Gone, 'Try a numbered host, such as 1.api.ibkr.com.'],
  [errors.LengthRequired, 'Something between here and there drops Content-Length: look at proxies and middleware.'],
  [errors.RateLimited, 'Send nothing for fifteen minutes, then at most ten calls a second, fewer for some.'],
  [errors.UnexpectedRedirect, 'baseUrl has to name the API itself, with the right scheme and port.'],
  [errors.ServerError, 'If the call changes something, ask for the state before you repeat it.'],
  [errors.Maintenance, 'Wait some minutes.'],
  [errors.NotAuthenticated, "Log in at the gateway's login page, or renew the token."],
  [errors.NoBrokerageSession, 'Open the brokerage session first (POST /iserver/auth/ssodh/init).'],
  [errors.CompetingSession, 'Close the other one, or take over with compete: true.'],
  [errors.AccountsNotQueried, 'Call GET /iserver/accounts first.'],
  [errors.ConsumerNotActive, 'New keys become active after the next midnight reset, or later.'],
  [errors.Rejected, 'Nothing was done. Read the message, change the call.'],
  [errors.InsufficientFunds, "Preview the order, and look at the account's summary."],
  [errors.MarketClosed, 'Look at the trading schedule, or allow trading outside regular hours.'],
  [errors.NoTradingPermission, 'Trading permissions are asked for in Client Portal.'],
  [errors.PriceOutOfRange, "Compare the price with the market, and its step with the contract's rules."],
  [errors.DuplicateOrderId, 'The earlier order may be live: look at the orders before you send a new id.'],
])

/** The error of the meaning that its text is known to have, with a hint. For `createClient({ explain })`. */
export function explain(error: errors.BezantError): errors.BezantError {
  const explained = error instanceof errors.ApiError ? meant(error) : error
  let kind: unknown = explained.constructor
  while (typeof kind === 'function' && !HINTS.has(kind)) kind = Object.getPrototypeOf(kind)
  explained.hint = HINTS.get(kind) ?? ''
  const later = explained.isRetryable ? 'The same call may succeed later.' : ''
  explained.message = [explained.message, later, explained.hint].filter(Boolean).join(' ')
  return explained
}

function meant(error: errors.ApiError): errors.ApiError {
  const Kind = BY_TEXT.find(([pattern]) => pattern.test(error.reason))?.[1]
  const isSession = Kind && Kind.prototype instanceof errors.SessionError
  const isSettled = error.status === 429 || (error.status >= 300 && error.status < 400) || error.status < 200
  if (!Kind || isSettled || (DEFINITE.includes(error.status) && !isSession)) return error
  return new Kind(error.operation, error.reason, error.answer, error.body)
}
