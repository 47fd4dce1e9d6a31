/** What to do about an error, in words. Kept apart, so that only those who want the words carry them. */

import * as errors from './errors.js'

const HINTS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [errors.TransportError, 'If the call changes something, ask for the state before you repeat it.'],
  [errors.ConnectError, 'Is the gateway running, and is baseUrl its address?'],
  [errors.ResponseTooLarge, 'Ask for less, or raise maxResponseBytes of the client.'],
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

/** Whether a retry can help, and what to do next. For `createClient({ hints })`. */
export function hints(error: errors.BezantError): string {
  const later = error.isRetryable ? 'The same call may succeed later.' : ''
  let kind: unknown = error.constructor
  while (typeof kind === 'function' && !HINTS.has(kind)) kind = Object.getPrototypeOf(kind)
  return [later, HINTS.get(kind)].filter(Boolean).join(' ')
}
